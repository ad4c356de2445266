import { EventEmitter, once } from 'node:events'
import { afterEach, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import type { TrafficState } from '#shared/contracts/traffic.ts'
import type { TailEvent } from '#shared/function/define.ts'
import { type LiveLimits, openLive } from './live.ts'

const limits: LiveLimits = { heartbeatMs: 60_000, recent: 3, replay: 100n, behind: 100_000 }

const state = (segment: string): TrafficState => ({
  segment,
  level: 'slow',
  speedKmh: 48,
  freeFlowKmh: 100,
  ratio: 0.48,
  jamFactor: 5.2,
  confidence: 0.9,
  windowStart: '2012-03-01T08:00:00.000Z',
  windowEnd: '2012-03-01T08:05:00.000Z',
  observedAt: '2012-03-01T08:04:00.000Z',
  rev: 1,
  final: false,
})

const cities: AbortController[] = []
afterEach(() => {
  for (const draining of cities.splice(0)) draining.abort()
})

/** A log in memory whose retained part begins at `first`, and the stream over it. */
function city({ first = 0, events = 0, limited = limits } = {}) {
  const log = Array.from({ length: events }, (_, offset) => state(`s${offset}`))
  const draining = new AbortController()
  cities.push(draining)
  const appended = new EventEmitter().setMaxListeners(0)
  let broken = false
  let tails = 0
  async function* tail(_: string, from: bigint | 'end', signal: AbortSignal) {
    tails++
    let offset = Math.max(first, Number(from))
    while (!signal.aborted) {
      if (broken) throw new Error('the log is out of reach')
      const data = log[offset]
      if (data) yield { offset: BigInt(offset++), partition: 0, id: `${offset}`, data }
      else await once(appended, 'some', { signal }).catch(() => {})
    }
  }
  const live = openLive(
    {
      tail: tail as unknown as (
        topic: string,
        from: bigint | 'end',
        signal: AbortSignal,
      ) => AsyncIterable<TailEvent<never>>,
      end: async () => BigInt(log.length),
      now: async () => new Date('2012-03-01T08:06:00Z'),
      draining: draining.signal,
      log: pino({ level: 'silent' }),
    },
    limited,
  )
  return {
    tails: () => tails,
    drain: () => draining.abort(),
    append(...segments: string[]) {
      log.push(...segments.map(state))
      appended.emit('some')
    },
    appendPast(segment: string) {
      log.push({ ...state(segment), windowEnd: '2012-03-01T07:05:00.000Z' })
    },
    break() {
      broken = true
      appended.emit('some')
    },
    async connect(last?: bigint) {
      const gone = new AbortController()
      return { gone, ...reading(await live.open(last, gone.signal)) }
    },
  }
}

/** Reads a stream message by message. */
function reading(body: ReadableStream<Uint8Array>) {
  const reader = body.getReader()
  let text = ''
  let ended = false
  const messages: string[] = []
  const next = async (count: number): Promise<string[]> => {
    while (messages.length < count && !ended) {
      const { done, value } = await reader.read()
      ended = done
      text += Buffer.from(value ?? []).toString()
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      messages.push(...blocks.filter((block) => !/^(retry|:)/.test(block)).map(brief))
    }
    return messages.splice(0, count)
  }
  return { next, reader, ended: async () => (await next(Infinity)).length === 0 && ended }
}

const brief = (block: string): string => {
  const id = /^id: (\d+)$/m.exec(block)?.[1]
  const event = /^event: (\w+)$/m.exec(block)?.[1]
  const { segment } = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as { segment?: string }
  return event === 'state' ? `${id} ${segment}` : `${event}`
}

describe('openLive', () => {
  it('serves all clients from one tail', async () => {
    const { connect, append, tails } = city({ events: 5 })
    const clients = await Promise.all(Array.from({ length: 500 }, () => connect()))
    append('a', 'b')
    for (const client of clients) expect(await client.next(2)).toEqual(['5 a', '6 b'])
    expect(tails()).toBe(1)
  })

  it('goes on from memory behind what a client has seen', async () => {
    const { connect, append, tails } = city({ events: 5 })
    const first = await connect()
    append('a', 'b', 'c')
    await first.next(3)
    const back = await connect(5n)
    append('d')
    expect(await back.next(3)).toEqual(['6 b', '7 c', '8 d'])
    expect(await first.next(1)).toEqual(['8 d'])
    expect(tails()).toBe(1)
  })

  it('goes on from the log where memory does not reach back, without a gap or a repeat', async () => {
    const { connect, append } = city({ events: 10 })
    const back = await connect(2n)
    append('a', 'b')
    expect(await back.next(9)).toEqual(['3 s3', '4 s4', '5 s5', '6 s6', '7 s7', '8 s8', '9 s9', '10 a', '11 b'])
    append('c')
    expect(await back.next(1)).toEqual(['12 c'])
  })

  it('does not tell of windows that ended more than an hour ago, and misses none behind them', async () => {
    const { connect, append, appendPast } = city({ events: 1 })
    const client = await connect()
    appendPast('x')
    append('a')
    expect(await client.next(1)).toEqual(['2 a'])
    appendPast('y')
    append('b')
    expect(await client.next(1)).toEqual(['4 b'])
    const [fromMemory, fromLog] = await Promise.all([connect(2n), connect(0n)])
    append('c')
    expect(await fromMemory.next(2)).toEqual(['4 b', '5 c'])
    expect(await fromLog.next(3)).toEqual(['2 a', '4 b', '5 c'])
  })

  it('goes on from the log while memory is overrun', async () => {
    const { connect, append } = city({ events: 1 })
    const other = await connect()
    append(...'abcdefghij')
    await other.next(10)
    const back = await connect(0n)
    expect(await back.next(10)).toEqual([...'abcdefghij'].map((segment, i) => `${i + 1} ${segment}`))
  })

  it('tells a client to read anew when the log no longer holds what it missed', async () => {
    const { connect } = city({ first: 7, events: 9 })
    expect(await (await connect(2n)).next(3)).toEqual(['reset', '7 s7', '8 s8'])
  })

  it('tells a client to read anew when it missed too much, or comes from another log', async () => {
    const { connect, append } = city({ events: 200 })
    const [old, foreign] = [await connect(2n), await connect(4000n)]
    append('a')
    expect(await old.next(2)).toEqual(['reset', '200 a'])
    expect(await foreign.next(2)).toEqual(['reset', '200 a'])
  })

  it('drops a client that does not read, and goes on for the others', async () => {
    const { connect, append } = city({ limited: { ...limits, behind: 2000 } })
    const [slow, quick] = [await connect(), await connect()]
    for (let i = 0; i < 10; i++) {
      append(`x${i}`)
      expect(await quick.next(1)).toEqual([`${i} x${i}`])
    }
    expect(await slow.ended()).toBe(true)
  })

  it('stops reading the log when the last client has left, and starts again for the next', async () => {
    const { connect, append, tails } = city()
    const first = await connect()
    first.gone.abort()
    expect(await first.ended()).toBe(true)
    append('missed')
    const second = await connect()
    append('a')
    expect(await second.next(1)).toEqual(['1 a'])
    expect(tails()).toBe(2)
  })

  it('ends every stream when the process drains, behind what was read', async () => {
    const { connect, append, drain } = city()
    const [client, idle] = [await connect(), await connect()]
    append('a')
    expect(await client.next(1)).toEqual(['0 a'])
    drain()
    expect(await client.ended()).toBe(true)
    expect(await idle.next(1)).toEqual(['0 a'])
    expect(await idle.ended()).toBe(true)
    expect(await (await connect()).ended()).toBe(true)
  })

  it('ends every stream when the log cannot be read, so that clients come back', async () => {
    const { connect, break: breakLog } = city()
    const client = await connect()
    breakLog()
    expect(await client.ended()).toBe(true)
  })

  it('shows that it lives while nothing happens', async () => {
    const { connect } = city({ limited: { ...limits, heartbeatMs: 1 } })
    const { reader, gone } = await connect()
    let text = ''
    while (!text.includes(': heartbeat\n\n')) {
      const { done, value } = await reader.read()
      if (done) throw new Error(`the stream ended after ${text}`)
      text += Buffer.from(value).toString()
    }
    expect(text).toMatch(/^retry: [12]\d{3}\n\n/)
    gone.abort()
  })
})
