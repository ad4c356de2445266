import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { purgeCalls } from '#runtime/async/calls.ts'
import type { AsyncCalls } from '#runtime/async/open.ts'
import { replayDeadLetter } from '#runtime/dead-letters/replay.ts'
import { findDeadLetter, listDeadLetters } from '#runtime/dead-letters/rows.ts'
import type { Invocation, Invoke } from '#runtime/gateway/invoke.ts'
import { insertDeadLetters } from '#shared/state/dead-letter.ts'
import { until } from '../gateway/fixture.ts'
import { freshDatabase, type TestDatabase } from '../postgres.ts'
import { answer, headersOf, holding, is, newCall, openQueues, quickRetries, unreachable } from './harness.ts'

let test: TestDatabase
const running: AsyncCalls[] = []
beforeEach(async () => {
  test = await freshDatabase()
})
afterEach(async () => {
  await Promise.all(running.splice(0).map((calls) => calls.stop(0)))
  await test.drop()
})

type Options = NonNullable<Parameters<typeof openQueues>[2]>
const open = (invoke: Invoke, options: Options = {}): AsyncCalls => {
  const calls = openQueues(test, invoke, { annotationsOf: () => quickRetries(3), ...options })
  running.push(calls)
  return calls
}
describe('a call that fails', () => {
  it('is made again until it succeeds, and told which attempt it is', async () => {
    const seen: Record<string, string>[] = []
    const statuses = [503, 500, 200]
    const calls = open(async (_key, call) => {
      seen.push(headersOf(call))
      return answer(statuses[seen.length - 1] as number)
    })
    const call = newCall()
    await calls.submit(call)
    await is(calls, call.callId, 'done')
    expect(seen.map((headers) => [headers['x-retry'], headers['x-retry-max'], headers['x-call-id']])).toEqual(
      ['0', '1', '2'].map((nth) => [nth, '3', call.callId]),
    )
    expect(await calls.status(call.callId)).toMatchObject({ attempts: 3, httpStatus: 200 })
  })

  it('waits as long as the function asks, and tells when it is made again', async () => {
    const calls = open(async () => answer(503, { 'retry-after': '600' }))
    const call = newCall()
    await calls.submit(call)
    await until('it waits', async () => (await calls.status(call.callId))?.nextAttemptAt !== undefined)
    const { nextAttemptAt, ...status } = (await calls.status(call.callId)) ?? {}
    expect(status).toMatchObject({ status: 'queued', attempts: 1, httpStatus: 503 })
    expect((nextAttemptAt as Date).getTime() - Date.now()).toBeGreaterThan(590_000)
  })

  it.each([
    ['by the function', answer(500, {}, 'no room'), 500, 'HTTP 500'],
    ['because nobody reaches it', unreachable, 503, 'no_replica'],
  ])('for good, %s, is a dead letter, and goes back as it came', async (_, failure, httpStatus, errorClass) => {
    const seen: Invocation[] = []
    let mended = false
    const calls = open(async (_key, call) => {
      seen.push(call)
      return mended ? answer(200) : failure
    })
    const call = newCall()
    await calls.submit(call)
    await is(calls, call.callId, 'failed')
    expect(seen).toHaveLength(3)
    const filter = { ids: [], limit: 10, all: false }
    const [letter] = await listDeadLetters(test.database, filter)
    expect(letter).toMatchObject({
      ...{ consumer: 'f', eventId: call.callId, reason: 'attempts_exhausted', attempts: 3, errorClass },
    })
    const id = letter?.id as string
    expect(await calls.status(call.callId)).toMatchObject({ attempts: 3, httpStatus, deadLetter: id })
    const whole = await findDeadLetter(test.database, id)
    expect([whole?.body, whole?.headers]).toEqual([call.body, { 'async-path': '/p' }])

    mended = true
    const replay = () =>
      replayDeadLetter(whole as NonNullable<typeof whole>, {
        database: test.database,
        deliver: async () => ({ status: 500, detail: 'nobody is called at once' }),
        keyFor: async () => 'key',
      })
    // Also of two at once, one puts it back.
    const replays = await Promise.all([replay(), replay()])
    expect(replays.map(({ outcome, detail }) => [outcome, detail]).sort()).toEqual([
      ['resolved', 'it is in the queue of its function again'],
      ['resolved', 'it was brought back before'],
    ])
    await is(calls, call.callId, 'done')
    expect(seen).toHaveLength(4)
    expect(seen[3]).toMatchObject({ path: '/p?q=1', body: call.body })
    expect(headersOf(seen[3] as Invocation).authorization).toBe('Bearer of-the-caller')
    expect((await findDeadLetter(test.database, id))?.resolution).toBe('replayed')
  })
})

describe('queues', () => {
  it('do not wait for each other, and go by what the replicas take', async () => {
    const { held, invoke } = holding()
    const calls = open(invoke, { capacity: (key) => (key === 'slow' ? 2 : 10) })
    const slow = Array.from({ length: 5 }, () => newCall({ function: 'slow' }))
    await Promise.all(slow.map(calls.submit))
    const quick = newCall({ function: 'quick' })
    await calls.submit(quick)
    await until('the quick one is called', () => held.some(({ key }) => key === 'quick'))
    held.find(({ key }) => key === 'quick')?.end()
    await is(calls, quick.callId, 'done')
    await until(
      'two of the slow are called',
      () => held.filter(({ key }) => key === 'slow').length === 2 && calls.pending('slow') === 3,
    )
    for (let made = 2; made <= 5; made++) {
      held.find(({ key }) => key === 'slow')?.end()
      held.splice(
        held.findIndex(({ key }) => key === 'slow'),
        1,
      )
      const left = Math.min(2, 5 - made + 1)
      await until('the next is called', () => held.filter(({ key }) => key === 'slow').length === left)
    }
    held.at(-1)?.end()
    for (const { callId } of slow) await is(calls, callId, 'done')
  })

  it('leave a function alone that has too much to do', async () => {
    let made = 0
    const calls = open(
      async () => {
        made++
        return answer(429, { 'retry-after': '600' })
      },
      { capacity: () => 4 },
    )
    await Promise.all(Array.from({ length: 50 }, () => calls.submit(newCall())))
    await until('it is told', () => made >= 4)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(made).toBe(4)
  })

  it('refuse what is too much, for that function alone', async () => {
    const { invoke } = holding()
    const calls = open(invoke, { capacity: () => 0 })
    await test.database.query(
      `insert into async_call (call_id, function, path, headers, body, size)
       select 'c' || n, 'f', '/', '[]', '', 0 from generate_series(1, 10000) n`,
    )
    await until('it is known', () => calls.pending('f') === 10_000)
    await expect(calls.submit(newCall())).rejects.toMatchObject({ problem: { status: 429, retryAfterSeconds: 5 } })
    await calls.submit(newCall({ function: 'other' }))
  })

  it('take nothing that is not durable', async () => {
    const gone = { ...test.database, query: () => Promise.reject(Object.assign(new Error('gone'), { code: '57P01' })) }
    const { invoke } = holding()
    const calls = openQueues({ ...test, open: () => gone as never }, invoke)
    running.push(calls)
    await expect(calls.submit(newCall())).rejects.toMatchObject({ problem: { status: 503 } })
  })
})

describe('a cancelled call', () => {
  it('is never made where it waited, and aborted where it was being made', async () => {
    const { held, invoke } = holding()
    const calls = open(invoke, { capacity: () => 1 })
    const [first, second] = [newCall(), newCall()] as const
    await calls.submit(first)
    await until('the first is made', () => held.length === 1)
    await calls.submit(second)
    expect(await calls.cancel(second.callId)).toBe('cancelled')
    expect(held[0]?.call.signal?.aborted).toBe(false)
    expect(await calls.cancel(first.callId)).toBe('cancelled')
    expect(held[0]?.call.signal?.aborted).toBe(true)
    const third = newCall()
    await calls.submit(third)
    await until('the third is made', () => held.length === 2)
    expect(headersOf((held[1] as (typeof held)[number]).call)['x-call-id']).toBe(third.callId)
    for (const { callId } of [first, second]) expect(await calls.status(callId)).toMatchObject({ status: 'cancelled' })
    expect(await calls.cancel(first.callId)).toBe('cancelled')
    held[1]?.end()
    await is(calls, third.callId, 'done')
    expect([await calls.cancel(third.callId), await calls.cancel('nothing')]).toEqual(['finished', 'unknown'])
  })
})

it('an idle queue asks PostgreSQL about once a second', async () => {
  let queries = 0
  const database = test.open(2)
  const counted = {
    ...database,
    query: (...args: Parameters<typeof database.query>) => {
      queries++
      return database.query(...args)
    },
  }
  const calls = openQueues({ ...test, open: () => counted as never }, async () => answer(200))
  running.push(calls)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  expect(queries).toBeLessThan(3_000 / 250)
})

it('finished calls are forgotten after a day, but those of open dead letters, and none that is open', async () => {
  const letter = randomUUID()
  await insertDeadLetters(test.database, [
    {
      ...{ id: letter, consumer: 'f', reason: 'attempts_exhausted', errorClass: 'x', error: 'x', attempts: 1 },
      ...{ headers: {}, body: Buffer.alloc(0) },
    },
  ])
  const rows = [
    ['gone', 'done', '25 hours', null],
    ['young', 'done', '23 hours', null],
    ['dead', 'failed', '25 hours', letter],
    ['open', 'queued', null, null],
  ]
  for (const [id, state, ago, of] of rows)
    await test.database.query(
      `insert into async_call (call_id, function, state, path, headers, size, queued_at, finished_at, dead_letter)
       values ($1, 'f', $2, '', '', 0, now() - interval '9 days', now() - $3::interval, $4)`,
      [id, state, ago, of],
    )
  const left = async () => {
    await purgeCalls(test.database)
    const { rows } = await test.database.query<{ id: string }>('select call_id as id from async_call order by 1')
    return rows.map(({ id }) => id)
  }
  expect(await left()).toEqual(['dead', 'open', 'young'])
  await test.database.query(`update dead_letter set resolution = 'dropped'`)
  expect(await left()).toEqual(['open', 'young'])
})
