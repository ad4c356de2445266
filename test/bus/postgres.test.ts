import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openLeases } from '#shared/bus/lease.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { busSuite } from '#shared/bus/suite.ts'
import { logAppend } from '#shared/state/log-append.ts'
import type { Sql } from '#shared/state/sql.ts'
import { transaction } from '#shared/state/transaction.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { until } from '#test/servers/until.ts'

busSuite('PostgreSQL', async () => {
  const test = await freshDatabase()
  const leases = openLeases(test.database, { holder: 'suite' })
  return { bus: postgresBus(test.database, leases), close: () => test.drop() }
})

describe('the PostgreSQL log', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await freshDatabase({ max: 12 })
  })
  afterAll(() => test.drop())

  const event = (id: string) => ({
    topic: 'readings',
    partition: 0,
    key: 'k',
    id,
    type: 't',
    attributes: { source: '/test' },
    data: Buffer.from('{}'),
  })

  /** 8 writers commit after random pauses; the reader polls: answers how often it saw an offset out of turn. */
  async function outOfTurn(append: (sql: Sql, id: string) => Promise<unknown>, read: () => Promise<bigint[]>) {
    let writing = true
    let faults = 0
    let seen: bigint[] = []
    const reader = (async () => {
      for (let last = false; !last; ) {
        last = !writing
        const now = await read()
        if (now.slice(0, seen.length).some((offset, i) => offset !== seen[i])) faults++
        if (now.some((offset, i) => offset !== BigInt(i))) faults++
        seen = now
      }
    })()
    try {
      await Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          for (let i = 0; i < 25; i++) {
            await transaction(test.database, async (sql) => {
              await append(sql, `${writer}-${i}`)
              await sql.query('select pg_sleep(random() * 0.01)')
            })
          }
        }),
      )
    } finally {
      writing = false
      await reader
    }
    expect(seen).toHaveLength(200)
    return faults
  }

  it('shows no gap and no reordering while 8 writers commit after random delays', async () => {
    const faults = await outOfTurn(
      (sql, id) => logAppend(sql, [event(id)]),
      async () => {
        const { rows } = await test.database.query<{ offset: string }>(
          `select "offset" from log where topic = 'readings' and partition = 0 order by "offset"`,
        )
        return rows.map((row) => BigInt(row.offset))
      },
    )
    expect(faults).toBe(0)
  })

  it('control: with an identity column for the offset the same reader sees gaps', async () => {
    await test.database.query(
      'create table naive (n bigint generated always as identity (minvalue 0 start 0), id text)',
    )
    // A reader that is held up meanwhile sees them all at once.
    await until('a gap', async () => {
      await test.database.query('truncate naive restart identity')
      const faults = await outOfTurn(
        (sql, id) => sql.query('insert into naive (id) values ($1)', [id]),
        async () => {
          const { rows } = await test.database.query<{ n: string }>('select n from naive order by n')
          return rows.map((row) => BigInt(row.n))
        },
      )
      return faults > 0
    })
  })

  it('never skips a row for a reader that prunes by day, even when the clock of the day goes back', async () => {
    await test.database.query(
      `update log_partition set last_day = '2099-01-01' where topic = 'readings' and partition = 1`,
    )
    const bus = postgresBus(test.database)
    await bus.append([{ ...event('later'), partition: 1 }])
    const slice = await bus.read(
      { topic: 'readings', partition: 1, offset: 0n, day: '2099-01-01' },
      { events: 10, bytes: 1000 },
    )
    expect(slice.events.map(({ id }) => id)).toEqual(['later'])
  })

  it('lets no caller fail for the key of another that no text can hold', async () => {
    const bus = postgresBus(test.database)
    const at = (id: string, key = 'k') => [{ ...event(id), partition: 4, key }]
    const good = Array.from({ length: 20 }, (_, i) => bus.append(at(`g${i}`)))
    const bad = bus.append(at('nul', 'a\u0000b'))
    await Promise.all(good)
    await expect(bad).rejects.toMatchObject({ code: '22021' })
    const slice = await bus.read({ topic: 'readings', partition: 4, offset: 0n }, { events: 100, bytes: 1 << 20 })
    expect(slice.events).toHaveLength(20)
  })

  it('tells the earliest offset still kept', async () => {
    const bus = postgresBus(test.database)
    await bus.append([1, 2, 3].map((i) => ({ ...event(`e${i}`), partition: 2 })))
    await test.database.query(`delete from log where partition = 2 and "offset" < 2`)
    expect(await bus.earliest('readings', 2)).toBe(2n)
    expect(await bus.earliest('readings', 3)).toBe(0n)
  })
})
