import { describe, expect, it } from '@jest/globals'
import type { PartitionEnd } from '#shared/bus/port.ts'
import type { ConnectorStatus } from '#shared/contracts/runtime-status.ts'
import type { QueryResult, Sql } from '#shared/state/sql.ts'
import { unfinished } from './unfinished.ts'

const at = new Date('2024-03-04T08:00:00Z')
const consumer: ConnectorStatus['consumers'][number] = {
  consumer: 'twins',
  state: 'running',
  inFlight: 0,
  lag: 0,
  oldestAgeMs: 0,
  partitions: [{ topic: 'readings', partition: 0, position: '5', end: '5', lag: 0, oldestAgeMs: 0, state: 'idle' }],
  due: [],
}

interface World {
  ends: bigint[]
  alarms: number
  ready: boolean
  topics: string[]
  /** Of a question for another topic. */
  fault: string
}

/** What is told of a city that is done, but for what differs; `ends` are what the bus answers in turn. */
const told = (
  more: Partial<typeof consumer> = {},
  { ends = [5n, 5n], alarms = 0, ready = true, topics = ['readings'], fault = 'NoSuchTopic' }: Partial<World> = {},
) => {
  const answers = [...ends]
  const bus = {
    ends: async ([topic]: string[]): Promise<PartitionEnd[]> => {
      if (topic !== 'readings') throw Object.assign(new Error(`no ${topic}`), { name: fault })
      return [{ topic, partition: 0, end: answers.shift() ?? 0n }]
    },
  }
  const sql: Sql = { query: async <Row>() => ({ rows: [{ n: alarms }], rowCount: 1 }) as unknown as QueryResult<Row> }
  const status = (): ConnectorStatus => ({ ready, consumers: [{ ...consumer, ...more }] })
  return unfinished({ readers: [{ consumer: 'twins', topics, bus }], status, sql }, at)
}

describe('unfinished', () => {
  it('is nothing that is due after the end only', async () => {
    expect(await told({ due: [new Date(at.getTime() + 1).toISOString()] })).toBeUndefined()
  })

  it('is nothing once every reader is at the ends, no alarm is due and nothing was appended meanwhile', async () => {
    expect(await told()).toBeUndefined()
  })

  it('is nothing of a topic that is not there yet, but nobody knows while the broker does not answer', async () => {
    const topics = ['readings', 'traffic-data']
    expect(await told({}, { topics })).toBeUndefined()
    await expect(told({}, { topics, fault: 'BusUnavailable' })).rejects.toThrow('no traffic-data')
  })

  it.each([
    ['a connector that is not ready', told({}, { ready: false }), /not ready/],
    ['a call under way', told({ inFlight: 1 }), /twins works/],
    ['a tick that is due', told({ due: [at.toISOString()] }), /twins works/],
    ['a partition nobody reads', told({ partitions: [] }), /does not read readings\/0 yet/],
    [
      'events before it',
      told({ partitions: consumer.partitions.map((one) => ({ ...one, lag: 3 })) }),
      /3 events of readings/,
    ],
    ['an end the connector has not seen', told({}, { ends: [6n, 6n] }), /events of readings/],
    ['an alarm', told({}, { alarms: 2 }), /2 alarms are due/],
    ['what was appended between two looks', told({}, { ends: [5n, 6n] }), /being appended/],
  ])('is %s', async (_what, telling, text) => {
    expect(await telling).toMatch(text)
  })
})
