import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { pino } from 'pino'
import type { Sql } from '#shared/state/sql.ts'
import { countRefusals, deviceOf, MAX_DEVICES } from './refusals.ts'

const AT = Date.parse('2012-03-01T08:01:02.003Z')
const fault = (message = 'is not valid', path = '') => ({ code: 'invalid', errors: [{ path, message }] })

// Only what is set for later counts as a timer, not the ticks of whatever else runs.
beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }))
afterEach(() => void jest.useRealTimers())

/** Refusals counted without PostgreSQL: every device but `unknown` is known. */
function counting(answer: () => Promise<void> = async () => {}) {
  const written: unknown[][][] = []
  let atExit = async () => {}
  const sql: Sql = {
    async query<Row>(text: string, values: unknown[] = []) {
      const columns = values as unknown[][]
      if (text.startsWith('insert')) written.push((columns[0] ?? []).map((_, i) => columns.map((column) => column[i])))
      const known = text.includes('known_sensor') ? (columns[0] ?? []).filter((one) => one && one !== 'unknown') : []
      return { rows: known.map((device) => ({ device })) as Row[], rowCount: 0, command: '' }
    },
  }
  const note = countRefusals({
    unit: async (work) => {
      await answer()
      await work(sql)
    },
    atExit: (work) => {
      atExit = work
    },
    counter: () => () => {},
    log: pino({ level: 'silent' }),
  })
  return { note, written, exit: () => atExit() }
}

const second = () => jest.advanceTimersByTimeAsync(1_000)

describe('refusals', () => {
  it('are written once a second, each device in one row with its newest reason', async () => {
    const { note, written } = counting()
    note('b', fault('first'), AT)
    note('a', fault('only', '/measures/speed'), AT)
    note('b', fault('second'), AT + 1)
    await jest.advanceTimersByTimeAsync(999)
    expect(written).toEqual([])
    await second()
    expect(written).toEqual([
      [
        ['a', '2012-03-01T08:00:00.000Z', 1, '2012-03-01T08:01:02.003Z', 'invalid', '/measures/speed only'],
        ['b', '2012-03-01T08:00:00.000Z', 2, '2012-03-01T08:01:02.004Z', 'invalid', 'second'],
      ],
    ])
    await second()
    expect(jest.getTimerCount()).toBe(0)
    expect(written).toHaveLength(1)
  })

  it('of names nobody knows, or none, are one row', async () => {
    const { note, written } = counting()
    note('unknown', fault('named'), AT + 1)
    note(undefined, fault('nameless'), AT)
    await second()
    expect(written).toEqual([[['', '2012-03-01T08:00:00.000Z', 2, '2012-03-01T08:01:02.004Z', 'invalid', 'named']]])
  })

  it('take bounded memory, whatever names come: those beyond are counted for none', async () => {
    const { note, written } = counting()
    for (let i = 0; i < 3 * MAX_DEVICES; i++) note(`device-${i}`, fault('x'.repeat(10_000)), AT)
    await second()
    const [rows = []] = written
    expect(rows).toHaveLength(MAX_DEVICES + 1)
    expect(rows[0]?.slice(0, 3)).toEqual(['', '2012-03-01T08:00:00.000Z', 2 * MAX_DEVICES])
    expect(String(rows[0]?.[5])).toHaveLength(200)
  })

  it('that cannot be written are forgotten, and later ones are written again', async () => {
    let down = true
    const { note, written } = counting(() => (down ? Promise.reject(new Error('no database')) : Promise.resolve()))
    note('a', fault(), AT)
    await second()
    down = false
    note('a', fault(), AT)
    await second()
    expect(written.map(([row]) => row?.slice(0, 3))).toEqual([['a', '2012-03-01T08:00:00.000Z', 1]])
  })

  it('that come during a slow write wait for its end, and none is lost', async () => {
    let finish = () => {}
    const { note, written } = counting(
      () =>
        new Promise((resolve) => {
          finish = resolve
        }),
    )
    note('a', fault(), AT)
    await second()
    note('a', fault(), AT)
    await jest.advanceTimersByTimeAsync(60_000)
    expect(written).toEqual([])
    finish()
    await second()
    finish()
    await second()
    expect(written.map(([row]) => row?.[2])).toEqual([1, 1])
  })

  it('are written at the end of the process, without waiting for the second', async () => {
    const { note, written, exit } = counting()
    note('a', fault(), AT)
    await exit()
    expect(written).toHaveLength(1)
    expect(jest.getTimerCount()).toBe(0)
  })

  it('hold no control character of the input', async () => {
    const { note, written } = counting()
    note('a', fault('is not a known field', '/a\u0000b\nc'), AT)
    await second()
    expect(written[0]?.[0]?.[5]).toBe('/a\ufffdb\ufffdc is not a known field')
  })
})

describe('deviceOf', () => {
  it.each([
    [{ value: { device: 'loop-1', measures: 7 } }, 'loop-1'],
    [{ value: { device: 'x'.repeat(128) } }, 'x'.repeat(128)],
    [{ value: { device: 'x'.repeat(129) } }, undefined],
    [{ value: { device: '' } }, undefined],
    [{ value: { device: 'a\u0000' } }, undefined],
    [{ value: { device: 7 } }, undefined],
    [{ value: null }, undefined],
    [{ value: 'loop-1' }, undefined],
    [{ value: Object.create({ device: 'inherited' }) }, undefined],
    [{ fault: { code: 'decode', message: '', errors: [] } }, undefined],
  ])('%#', (item, device) => {
    expect(deviceOf(item)).toBe(device)
  })
})
