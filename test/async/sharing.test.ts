import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { claimCalls, insertCalls } from '#runtime/async/calls.ts'
import type { AsyncCalls } from '#runtime/async/open.ts'
import type { Invoke } from '#runtime/gateway/invoke.ts'
import { until } from '../gateway/fixture.ts'
import { freshDatabase, type TestDatabase } from '../postgres.ts'
import { answer, headersOf, holding, is, newCall, openQueues, quickRetries } from './harness.ts'

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
describe('a worker without the function of a call', () => {
  it('leaves it to one that has it, as it came', async () => {
    const nobody = open(() => Promise.reject(new Error('it has no function')), {
      ...{ holder: 'without', capacity: () => undefined },
    })
    const calls = Array.from({ length: 20 }, () => newCall())
    await Promise.all(calls.map(nobody.submit))
    open(async () => answer(200), { holder: 'with' })
    for (const { callId } of calls) await is(nobody, callId, 'done')
    const { rows } = await test.database.query('select distinct attempts, claim from async_call')
    expect(rows).toEqual([{ attempts: 1, claim: 1 }])
  })

  it('claims of what nobody has only what has waited for long, to end it', async () => {
    const [late, fresh] = [newCall(), newCall()]
    await insertCalls(test.database, [late, fresh])
    await test.database.query(`update async_call set due_at = now() - interval '11 minutes' where call_id = $1`, [
      late.callId,
    ])
    const claim = (forsakenForMs: number | undefined) =>
      claimCalls(test.database, 'h', [{ function: 'f', most: 9, forsakenForMs }])
    expect(await claim(600_000)).toMatchObject([{ callId: late.callId, forsaken: true }])
    expect(await claim(undefined)).toMatchObject([{ callId: fresh.callId, forsaken: false }])
  })
})

describe('two workers', () => {
  /** What two workers make of so many calls; each call ends when `ready` says so of its worker. */
  const worked = async (count: number, ready: (name: string, made: string[], by: Set<string>) => boolean) => {
    const made: string[] = []
    const by = new Set<string>()
    const worker = (name: string) =>
      open(
        async (_key, call) => {
          made.push(headersOf(call)['x-call-id'] as string)
          by.add(name)
          await until(`${name} may go on`, () => ready(name, made, by))
          return answer(200)
        },
        { holder: name, capacity: () => 5 },
      )
    const [a, b] = [worker('a'), worker('b')]
    await Promise.all(Array.from({ length: count }, (_, at) => (at % 2 ? a : b).submit(newCall())))
    await until('all are done', async () => {
      const { rows } = await test.database.query<{ n: number }>(
        `select count(*)::int as n from async_call where state = 'done'`,
      )
      return rows[0]?.n === count
    })
    return made
  }

  it('share what there is, and make no call twice', async () => {
    const made = await worked(300, (_name, _made, by) => by.size === 2)
    expect([made.length, new Set(made).size]).toEqual([300, 300])
  })

  it('of which one lost its lease at once make calls twice: the lease is what keeps them apart', async () => {
    await test.database.query(
      `create function at_once() returns trigger language plpgsql as $$ begin new.due_at = now(); return new; end $$`,
    )
    await test.database.query(
      'create trigger at_once before update on async_call for each row execute function at_once()',
    )
    // What one holds comes to the other when there is nothing else.
    const twice = (made: string[]) => made.length > new Set(made).size
    const made = await worked(50, (name, made, by) => by.size === 2 && (name === 'b' || twice(made)))
    expect(made.length).toBeGreaterThan(new Set(made).size)
  })

  it('take over what the other one no longer holds, whose late word changes nothing', async () => {
    const frozen = holding()
    const a = open(frozen.invoke, { holder: 'a', capacity: () => 1 })
    const call = newCall()
    await a.submit(call)
    await until('a has it', () => frozen.held.length === 1)
    const b = open(async () => answer(201), { holder: 'b' })
    // As long as the lease lasts it is a's alone.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect((await b.status(call.callId))?.status).toBe('running')
    await test.database.query(`update async_call set due_at = now()`)
    await is(b, call.callId, 'done')
    frozen.held[0]?.end(answer(500))
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await b.status(call.callId)).toMatchObject({ status: 'done', httpStatus: 201, attempts: 1 })
  })

  it('do not begin again what they are still at, when they slept over their lease', async () => {
    const { held, invoke } = holding()
    const calls = open(invoke)
    const call = newCall()
    await calls.submit(call)
    await until('it is made', () => held.length === 1)
    await test.database.query(`update async_call set due_at = now()`)
    await until('it is taken again', async () => {
      const { rows } = await test.database.query<{ claim: number }>('select claim from async_call')
      return rows[0]?.claim === 2
    })
    // One round follows the other: what is made of the next has seen the end of that one.
    const next = newCall()
    await calls.submit(next)
    await until('the next is made', () => held.length >= 2)
    for (const { end } of held) end()
    for (const { callId } of [call, next]) await is(calls, callId, 'done')
    expect(held).toHaveLength(2)
  })

  it('of one name are one that came back: it has at once what it held', async () => {
    const { held, invoke } = holding()
    // What it holds fills it: it takes nothing that is given back.
    const before = open(invoke, { holder: 'same', capacity: () => (held.length > 0 ? 0 : 10) })
    const call = newCall()
    await before.submit(call)
    await until('it is held', () => held.length === 1)
    const after = open(async () => answer(200), { holder: 'same' })
    await is(after, call.callId, 'done')
  })
})

describe('a stop', () => {
  it('waits for what is in flight, and gives the rest back uncounted', async () => {
    const { held, invoke } = holding()
    const calls = openQueues(test, invoke, { capacity: () => 2 })
    const [first, second, third] = [newCall(), newCall(), newCall()] as const
    for (const call of [first, second, third]) await calls.submit(call)
    await until('two are held', () => held.length === 2)
    const stopped = calls.stop(300)
    held[0]?.end()
    await stopped
    expect(await calls.status(first.callId)).toMatchObject({ status: 'done' })
    for (const { callId } of [second, third])
      expect(await calls.status(callId)).toMatchObject({ status: 'queued', attempts: 0 })
    expect(held).toHaveLength(2)
  })
})
