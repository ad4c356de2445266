import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { dropDeadLetters } from '#runtime/dead-letters/drop.ts'
import { readDeadLetterPage } from '#runtime/dead-letters/page.ts'
import { replayDeadLetter } from '#runtime/dead-letters/replay.ts'
import { exportedLetter, findDeadLetter, type WholeDeadLetter, wholeDeadLetters } from '#runtime/dead-letters/rows.ts'
import { deadLetterMetrics, tellOldDeadLetters } from '#runtime/dead-letters/watch.ts'
import type { Invocation } from '#runtime/gateway/invoke.ts'
import { operatorDeadLetters } from '#runtime/operator/dead-letters.ts'
import type { Program, StackFunction } from '#runtime/stack/types.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'

let test: TestDatabase
beforeAll(async () => {
  test = await freshDatabase()
})
afterAll(() => test.drop())

const all = { ids: [], all: true, limit: Number.POSITIVE_INFINITY }
const letters = (count: number, body: Buffer, reason = 'decode') =>
  test.database.query(
    `insert into dead_letter (consumer, event_id, reason, error_class, error, first_seen, body)
     select 'f', 'e-' || n, $3, 'x', 'x', '2024-01-01T00:00:00.000123Z', $2 from generate_series(1, $1::int) n`,
    [count, body, reason],
  )

describe('an export', () => {
  it('has every letter once, however many share an instant and however large they are', async () => {
    await letters(1200, Buffer.from('{"n":1}'))
    await letters(12, Buffer.alloc(900_000, 0xff))
    const ids = new Set<string>()
    let bytes = 0
    for await (const { id, body } of wholeDeadLetters(test.database, all)) {
      expect(ids.has(id)).toBe(false)
      ids.add(id)
      bytes += body.length
    }
    expect(ids.size).toBe(1212)
    expect(bytes).toBe(1200 * 7 + 12 * 900_000)
  })

  it('ends at its limit', async () => {
    let count = 0
    for await (const _ of wholeDeadLetters(test.database, { ...all, limit: 501 })) count++
    expect(count).toBe(501)
  })

  it('keeps the bytes: text as it is, else base64', async () => {
    await test.database.query('truncate dead_letter cascade')
    await letters(1, Buffer.from('{"a":"\u0000ü'), 'validation')
    await letters(1, Buffer.from([0xff, 0x7b, 0x00]), 'validation')
    const bodies: unknown[] = []
    for await (const letter of wholeDeadLetters(test.database, all)) {
      const { body, bodyBase64 } = JSON.parse(JSON.stringify(exportedLetter(letter)))
      bodies.push(body ?? Buffer.from(bodyBase64, 'base64').toString('hex'))
    }
    expect(bodies.sort()).toEqual(['ff7b00', '{"a":"\u0000ü'])
  })
})

describe('a drop', () => {
  it('keeps the letter and says who and why, once; what is not open stays as it is', async () => {
    await test.database.query('truncate dead_letter cascade')
    await letters(3, Buffer.from('{}'))
    const { rows } = await test.database.query<{ id: string }>('select id from dead_letter order by id')
    const [first, second, third] = rows.map(({ id }) => id) as [string, string, string]
    await test.database.query(`update dead_letter set resolution = 'replayed' where id = $1`, [third])
    const reason = { who: 'eva', why: 'a broken sensor' }
    expect(await dropDeadLetters(test.database, [first, third], reason)).toEqual([first])
    expect(await dropDeadLetters(test.database, [first], reason)).toEqual([])
    const audit = await test.database.query('select dead_letter, who, why from dead_letter_drop')
    expect(audit.rows).toEqual([{ dead_letter: first, ...reason }])
    const page = await readDeadLetterPage(test.database, { consumer: null, reason: null, limit: 10, after: null })
    expect(page.deadLetters.map(({ id }) => id)).toEqual([second])
  })
})

describe('a replay', () => {
  const replayed = async (program: Program, annotations: Record<string, string>) => {
    await test.database.query('truncate dead_letter cascade')
    await letters(1, Buffer.from('{}'))
    const { rows } = await test.database.query<{ id: string }>('select id from dead_letter')
    const seen: Invocation[] = []
    const definition = { program, annotations } as StackFunction
    const operator = operatorDeadLetters({
      database: test.database,
      deployments: { get: (key) => (key === 'f' ? definition : undefined) },
      invokeKey: 'of-the-callers',
      invoke: () => async (_name, invocation) => {
        seen.push(invocation)
        return { status: 204, headers: {}, body: Buffer.alloc(0), via: 'function' }
      },
    })
    expect(await operator.replay(rows[0]?.id ?? '')).toMatchObject({ outcome: 'resolved' })
    return (seen[0]?.headers as Record<string, string> | undefined)?.authorization
  }
  const built = { kind: 'built', folder: './functions/f' } as const

  it("brings the key to a function of Junction's, and to nobody else", async () => {
    expect(await replayed(built, { 'city.junction.topics': 'readings' })).toBe('Bearer of-the-callers')
    expect(await replayed(built, { topic: 'readings' })).toBeUndefined()
    expect(await replayed({ kind: 'process', command: 'env' }, {})).toBeUndefined()
  })
})

describe('a replay of what the relay could not forward', () => {
  const relayLetter = async (): Promise<WholeDeadLetter> => {
    await test.database.query('truncate dead_letter, log cascade')
    const { rows } = await test.database.query<{ id: string }>(
      `insert into dead_letter (consumer, topic, partition, event_id, reason, error_class, error, headers, body)
       values ('relay', 'readings', 0, 'e-1', 'oversize', 'x', 'x', '{"type":"t","partitionkey":"k"}', '{}') returning id`,
    )
    return (await findDeadLetter(test.database, rows[0]?.id ?? '')) as WholeDeadLetter
  }
  const replay = (letter: WholeDeadLetter) =>
    replayDeadLetter(letter, {
      database: test.database,
      deliver: () => Promise.reject(),
      keyFor: async () => undefined,
    })
  const appended = async () => (await test.database.query('select id from log')).rows

  it('puts it on the log once, however many bring it back at the same time', async () => {
    const letter = await relayLetter()
    const details = (await Promise.all([replay(letter), replay(letter), replay(letter)])).map(({ detail }) => detail)
    expect(details.filter((detail) => detail !== 'it was brought back before')).toHaveLength(1)
    expect(await appended()).toEqual([{ id: 'e-1' }])
    expect((await test.database.query('select from dead_letter_replay')).rows).toHaveLength(1)
  })

  it('leaves alone what was dropped meanwhile', async () => {
    const letter = await relayLetter()
    await dropDeadLetters(test.database, [letter.id], { who: 'eva', why: 'too large' })
    await replay(letter)
    expect(await appended()).toEqual([])
    expect(await findDeadLetter(test.database, letter.id)).toMatchObject({ resolution: 'dropped', replays: 0 })
  })
})

describe('open letters', () => {
  it('are counted with their age, and are an alarm after an hour', async () => {
    await test.database.query('truncate dead_letter cascade')
    await letters(2, Buffer.from('{}'))
    await test.database.query(`update dead_letter set first_seen = now() - interval '59 minutes'`)
    const lines: Record<string, unknown>[] = []
    const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) })
    await tellOldDeadLetters(test.database, log)
    expect(lines).toEqual([])
    await test.database.query(`update dead_letter set first_seen = now() - interval '2 hours' where event_id = 'e-1'`)
    await tellOldDeadLetters(test.database, log)
    expect(lines).toMatchObject([{ alarm: 'dead_letters_old', consumer: 'f', open: 2, level: 50 }])
    const registry = new Registry()
    deadLetterMetrics(registry, test.database)
    const metrics = await registry.metrics()
    expect(metrics).toContain('junction_dead_letters_open{consumer="f"} 2')
    expect(metrics).toMatch(/junction_dead_letters_oldest_seconds\{consumer="f"\} 72\d\d/)
    await test.database.query(`update dead_letter set resolution = 'dropped'`)
    expect(await registry.metrics()).not.toContain('consumer="f"')
  })
})

describe('the operator’s page over very many open letters', () => {
  it('is read from indexes alone', async () => {
    await letters(20_000, Buffer.alloc(400, 'x'))
    await test.database.query('vacuum analyze dead_letter')
    const [last] = (
      await test.database.query<{ id: string }>(
        'select id from dead_letter order by first_seen, id offset 10000 limit 1',
      )
    ).rows
    const queries: string[] = []
    const spy = {
      query: async <R>(text: string, values?: unknown[]) => {
        const plan = await test.database.query<Record<string, string>>(`explain ${text}`, values)
        queries.push(plan.rows.flatMap((row) => Object.values(row)).join('\n'))
        return test.database.query<R>(text, values)
      },
    }
    for (const query of [
      { consumer: null, reason: null, limit: 50, after: last?.id ?? null },
      { consumer: 'f', reason: null, limit: 50, after: null },
      { consumer: null, reason: 'decode', limit: 50, after: null },
    ])
      await readDeadLetterPage(spy, query)
    expect(queries).toHaveLength(6)
    for (const plan of queries) {
      expect(plan).not.toContain('Seq Scan')
      expect(plan).toContain('dead_letter_open')
    }
  })
})
