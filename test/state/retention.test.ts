import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { postgresBus } from '#shared/bus/postgres.ts'
import { keepHouse } from '#shared/state/retention.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'

describe('retention', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await freshDatabase()
  })
  afterAll(() => test.drop())

  const DAY = 86_400_000
  const keep = (deployed: string[]) => keepHouse(test.database, deployed, { logMs: 7 * DAY, inboxMs: 8 * DAY })
  const days = async () =>
    (
      await test.database.query<{ name: string }>(
        `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'log'::regclass order by 1`,
      )
    ).rows.map(({ name }) => name)

  const old = 'log_20200102'

  it('makes today and three days ahead, and only once', async () => {
    expect((await keep(['f'])).made).toHaveLength(4)
    expect((await keep(['f'])).made).toEqual([])
  })

  it('puts events of today into the partition of today', async () => {
    await postgresBus(test.database).append([
      { topic: 'readings', partition: 0, key: 'k', id: 'a', type: 't', attributes: {}, data: Buffer.from('{}') },
    ])
    expect((await test.database.query('select 1 from log_default')).rows).toEqual([])
  })

  it('drops a day behind retention once every position has passed it, and not before', async () => {
    await test.database.query(`create table ${old} partition of log for values from ('2020-01-02') to ('2020-01-03')`)
    await test.database.query(
      `insert into log values ('readings', 1, 4, '2020-01-02', 'k', 'id', 't', '{}', '\\x7b7d')`,
    )
    await test.database.query(
      `insert into position (consumer, log, topic, partition, next) values ('f', 'postgres', 'readings', 1, 4)`,
    )
    await test.database.query(`update log_partition set next_offset = 7 where topic = 'readings' and partition = 1`)
    expect(await keep(['f'])).toMatchObject({
      dropped: [],
      held: [{ day: '2020-01-02', consumer: 'f' }],
    })
    expect(await days()).toContain(old)
    await test.database.query('update position set next = 5')
    expect(await keep(['f'])).toMatchObject({ dropped: ['2020-01-02'], held: [] })
    expect(await days()).not.toContain(old)
  })

  it('is held up by a consumer that is gone for 7 days, no longer', async () => {
    await test.database.query(`create table ${old} partition of log for values from ('2020-01-02') to ('2020-01-03')`)
    await test.database.query(
      `insert into log values ('readings', 1, 5, '2020-01-02', 'k', 'id', 't', '{}', '\\x7b7d')`,
    )
    expect((await keep(['f'])).gone).toEqual([])
    expect(await keep([])).toMatchObject({
      held: [{ consumer: 'f' }],
      gone: [{ consumer: 'f', until: expect.any(Date) }],
    })
    await test.database.query(`update consumer set seen_at = now() - interval '8 days'`)
    expect((await keep([])).dropped).toEqual(['2020-01-02'])
  })

  it('drops events of a day that had no partition by the same rule', async () => {
    await test.database.query(
      `insert into log values ('readings', 1, 5, '2020-01-03', 'k', 'id', 't', '{}', '\\x7b7d')`,
    )
    const netted = async () => (await test.database.query('select 1 from log_default')).rows.length
    expect(await keep(['f'])).toMatchObject({ dropped: [], held: [{ day: '2020-01-03', consumer: 'f' }] })
    expect(await netted()).toBe(1)
    await test.database.query('update position set next = 6')
    expect(await keep(['f'])).toMatchObject({ dropped: ['2020-01-03'], held: [] })
    expect(await netted()).toBe(0)
    await test.database.query('update position set next = 5')
  })

  it('purges inbox markers behind their time, and no younger one', async () => {
    await test.database.query(
      `insert into inbox values ('f', gen_random_uuid(), now() - interval '9 days'), ('f', gen_random_uuid(), now() - interval '7 days')`,
    )
    await keep([])
    expect((await test.database.query('select 1 from inbox')).rows).toHaveLength(1)
  })

  it('purges no marker of an event that is still on the log (T57)', async () => {
    await test.database.query(`create table ${old} partition of log for values from ('2020-01-02') to ('2020-01-03')`)
    await test.database.query(
      `insert into log values ('readings', 1, 6, '2020-01-02', 'k', 'id', 't', '{}', '\\x7b7d')`,
    )
    await test.database.query(
      `insert into inbox values ('f', gen_random_uuid(), '2020-01-02T00:00:00Z'), ('f', gen_random_uuid(), '2020-01-01T23:59:59Z')`,
    )
    const markers = async () =>
      (
        await test.database.query<{ day: string }>(`select (done_at at time zone 'utc')::date::text as day from inbox
        where done_at < '2021-01-01' order by 1`)
      ).rows.map(({ day }) => day)
    expect(await keep(['f'])).toMatchObject({ held: [{ day: '2020-01-02' }] })
    expect(await markers()).toEqual(['2020-01-02'])
    await test.database.query('update position set next = 7')
    expect(await keep(['f'])).toMatchObject({ dropped: ['2020-01-02'] })
    expect(await markers()).toEqual([])
  })
})
