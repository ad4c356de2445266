import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { CALLBACK_LEASE_MS } from '#runtime/async/callback-rows.ts'
import { CALLBACK_MS, callbackSender } from '#runtime/async/callback-send.ts'
import type { AsyncCalls } from '#runtime/async/open.ts'
import type { Invoke } from '#runtime/gateway/invoke.ts'
import type { Database } from '#shared/state/database.ts'
import { until } from '../gateway/fixture.ts'
import { freshDatabase, type TestDatabase } from '../postgres.ts'
import { answer, holding, is, newCall, openQueues } from './harness.ts'

let test: TestDatabase
const opened: AsyncCalls[] = []
beforeAll(async () => {
  test = await freshDatabase()
})
afterEach(async () => {
  jest.restoreAllMocks()
  await Promise.all(opened.splice(0).map((calls) => calls.stop(0)))
  await test.database.query('truncate async_call cascade')
})
afterAll(() => test.drop())

/** A database whose answers to some statements are held back. */
const gated = () => {
  let hold: ((statement: string) => boolean) | undefined
  let open = () => {}
  let gate = Promise.resolve()
  let held = 0
  const around = (database: Database): Database => ({
    ...database,
    query: async (text: string, values?: unknown[]) => {
      const result = await database.query(text, values)
      if (hold?.(text)) {
        held++
        await gate
      }
      return result as never
    },
  })
  return {
    around,
    held: () => held,
    hold: (which: (statement: string) => boolean) => {
      hold = which
      gate = new Promise((resolve) => {
        open = resolve
      })
    },
    /** Lets them go, and holds others from now on. */
    open: (next?: (statement: string) => boolean) => {
      const release = open
      hold = undefined
      if (next) {
        gate = new Promise((resolve) => {
          open = resolve
        })
        hold = next
      }
      release()
    },
  }
}
const isClaim = (text: string) => text.includes("update async_call c set state = 'running'")
const isCallbackClaim = (text: string) => text.includes('update async_callback b set attempts')
const isLook = (text: string) => text.includes('union all select null')

describe('a call that is cancelled while it is claimed', () => {
  it('is not made', async () => {
    const gate = gated()
    const made: string[] = []
    const invoke: Invoke = async (key) => {
      made.push(key)
      return answer(200)
    }
    const calls = openQueues(test, invoke, { around: gate.around })
    opened.push(calls)
    gate.hold(isClaim)
    const call = newCall({ function: 'first' })
    await calls.submit(call)
    await until('it is claimed', () => gate.held() === 1)
    expect(await calls.cancel(call.callId)).toBe('cancelled')
    gate.open()
    const next = newCall({ function: 'second' })
    await calls.submit(next)
    await is(calls, next.callId, 'done')
    expect(made).toEqual(['second'])
  })
})

describe('a callback that is asked for while others are claimed', () => {
  it('does not wait for the next look', async () => {
    const gate = gated()
    const told: string[] = []
    let end = () => {}
    const ended = new Promise<void>((resolve) => {
      end = resolve
    })
    const { held, invoke } = holding()
    const calls = openQueues(
      test,
      async (key, call) => {
        if (!key.startsWith('told')) return invoke(key, call)
        told.push(key)
        // The end of one would wake for the other.
        await ended
        return answer(200)
      },
      { around: gate.around },
    )
    opened.push(calls)
    const [one, other] = ['told-one', 'told-other'].map((to) => newCall({ callbackUrl: `/function/${to}` }))
    await calls.submit(one as never)
    await calls.submit(other as never)
    await until('both are called', () => held.length === 2)
    // The look that is due in a second would hang at the gate.
    const now = performance.now()
    jest.spyOn(performance, 'now').mockReturnValue(now)
    gate.hold(isCallbackClaim)
    held[0]?.end()
    await until('the callback is being claimed', () => gate.held() === 1)
    held[1]?.end()
    await until('the other waits for its callback', async () => {
      const { rows } = await test.database.query('select from async_callback')
      return rows.length === 2
    })
    gate.open(isLook)
    await until('both are told', () => told.length === 2)
    end()
    gate.open()
  })
})

describe('a callback to a function of this gateway', () => {
  const callback = {
    ...{ seq: '1', callId: 'id', function: 'f', url: '/function/f', headers: {}, body: Buffer.alloc(0), attempts: 1 },
  }

  it('is given up before its lease ends', async () => {
    expect(CALLBACK_MS).toBeLessThan(CALLBACK_LEASE_MS - 10_000)
    const real = AbortSignal.timeout
    const asked: number[] = []
    AbortSignal.timeout = (ms) => {
      asked.push(ms)
      return AbortSignal.abort(new Error('too late'))
    }
    try {
      const invoke: Invoke = async (_key, { signal }) => {
        signal?.throwIfAborted()
        return answer(200)
      }
      const sender = callbackSender(invoke, () => undefined)
      expect(await sender.send(callback, new AbortController().signal)).toEqual({
        status: undefined,
        fault: 'too late',
      })
      expect(asked).toEqual([CALLBACK_MS])
    } finally {
      AbortSignal.timeout = real
    }
  })

  it('does not hold up a stop, which makes no attempt of it', async () => {
    const { held, invoke } = holding()
    const calls = openQueues(test, (key, call) => (key === 'f' ? Promise.resolve(answer(200)) : invoke(key, call)))
    await calls.submit(newCall({ callbackUrl: '/function/slow' }))
    await until('the callback is made', () => held.length === 1)
    await calls.stop(0)
    const { rows } = await test.database.query('select attempts, due_at <= now() as due from async_callback')
    expect(rows).toEqual([{ attempts: 0, due: true }])
  })
})

describe('a stop that comes while the queues are looked at', () => {
  it('begins no call that the look has found', async () => {
    const gate = gated()
    const { held, invoke } = holding()
    let room = 0
    const calls = openQueues(test, invoke, { around: gate.around, capacity: () => room })
    opened.push(calls)
    const call = newCall()
    await calls.submit(call)
    gate.hold(isLook)
    await until('it is looked at', () => gate.held() === 1)
    room = 10
    const stopped = calls.stop(300)
    gate.open()
    await stopped
    expect(held).toEqual([])
    expect(await calls.status(call.callId)).toMatchObject({ status: 'queued', attempts: 0 })
  })
})
