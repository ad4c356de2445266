import { describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { realClock } from '#shared/clock.ts'
import type { Database } from '#shared/state/database.ts'
import { runUnit, type UnitHost } from './unit.ts'

const database: Database = {
  query: () => Promise.reject(new Error('no database here')),
  lend: () => Promise.reject(new Error('no database here')),
  close: async () => {},
}
const host: UnitHost = {
  consumer: 'f',
  version: 'test',
  database,
  clock: realClock,
  settings: { windowMs: 1, lateAfterMs: 1, silentAfterMs: 1, acceptPastMs: 1, acceptFutureMs: 1 },
  log: pino({ level: 'silent' }),
}

describe('a unit of work', () => {
  it('whose caller is already gone does not begin, and leaves no rejection that nobody hears', async () => {
    let ran = false
    const unheard: unknown[] = []
    const listen = (reason: unknown) => void unheard.push(reason)
    process.on('unhandledRejection', listen)
    const unit = runUnit(host, {
      events: [],
      deadLetters: [],
      run: async (_events, { sql }) => {
        ran = true
        await sql.query('select 1')
        return undefined
      },
      signal: AbortSignal.abort(new Error('the client went away')),
    })
    await expect(unit).rejects.toMatchObject({ name: 'DeadlineError' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    process.off('unhandledRejection', listen)
    expect([ran, unheard]).toEqual([false, []])
  })

  it('is over at its deadline even where its COMMIT is not answered, and its connection is closed', async () => {
    const statements: string[] = []
    const released: boolean[] = []
    const deadline = new AbortController()
    const silent: Database = {
      ...database,
      lend: async () => ({
        query: async <Row>(text: string) => {
          statements.push(text)
          if (text === 'commit') {
            deadline.abort()
            await new Promise(() => {})
          }
          return { rows: [] as Row[], rowCount: 0, command: text }
        },
        release: (broken) => void released.push(broken),
      }),
    }
    const unit = runUnit(
      { ...host, database: silent },
      {
        events: [],
        deadLetters: [],
        claim: async (sql) => void (await sql.query('select 1')),
        run: async () => undefined,
        signal: deadline.signal,
      },
    )
    await expect(unit).rejects.toMatchObject({ name: 'DeadlineError' })
    expect(statements).toEqual(['begin', 'select 1', 'commit'])
    expect(released).toEqual([true])
  })

  it('tells in one line of the dead letters it wrote, once they are committed', async () => {
    const lines: Record<string, unknown>[] = []
    const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) })
    const letter = (eventId: string) => ({
      ...{
        consumer: 'f',
        topic: 'readings',
        partition: 3,
        eventId,
        reason: 'validation' as const,
        errorClass: 'invalid',
      },
      ...{ error: `${eventId}: speed is missing`, attempts: 1, headers: {}, body: Buffer.from('{}') },
    })
    const write = (ids: string[], tag: string) => {
      const lend = async () => ({
        query: async <Row>(text: string) => ({
          rows: [] as Row[],
          rowCount: 0,
          command: text === 'commit' ? tag : text,
        }),
        release: () => {},
      })
      const deadLetters = ids.map(letter)
      const { signal } = new AbortController()
      const told = { ...host, database: { ...database, lend }, log }
      return runUnit(told, { events: [], deadLetters, run: async () => undefined, signal })
    }
    await write([], 'COMMIT')
    await expect(write(['e-0'], 'ROLLBACK')).rejects.toMatchObject({ name: 'CommitFailed' })
    expect(lines).toEqual([])
    await write(['e-1', 'e-2'], 'COMMIT')
    expect(lines).toMatchObject([
      {
        ...{ alarm: 'dead_letter', consumer: 'f', letters: 2, topic: 'readings', partition: 3, event: 'e-1' },
        ...{ code: 'invalid', reason: 'validation', msg: '2 dead letters, the first: e-1: speed is missing' },
      },
    ])
  })
})
