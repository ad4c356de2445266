import { setTimeout as delay } from 'node:timers/promises'
import { type Criterion, criterion, ofSpeed, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { devices, openProducer } from '../tools/produce.ts'
import { openSite, type Site } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds, untilPaused } from '../tools/wait.ts'

/** Each fault of the configuration, and its mend. The function has a PostgreSQL user of its own. */
const FAULTS: { code: string; what: string; cause: string; mend: string }[] = [
  {
    code: '42P01',
    what: 'a migration is missing',
    cause: 'alter table counted rename to counted_away',
    mend: 'alter table counted_away rename to counted',
  },
  {
    code: '42501',
    what: 'a grant is revoked',
    cause: 'revoke insert on counted from worker',
    mend: 'grant insert on counted to worker',
  },
  {
    code: '28P01',
    what: 'the password is another',
    cause: `alter role worker password 'another'`,
    mend: `alter role worker password 'the-password-of-the-site'`,
  },
]

const WORKER = `
  create role worker login password 'the-password-of-the-site';
  grant select, insert, update, delete on all tables in schema public to worker;
  grant usage on all sequences in schema public to worker`

/** Somebody has to act: the source stops, nothing is counted against an event, and it goes on after the mend. */
export const t61: Row = {
  id: 'T61',
  buses: ['postgres'],
  what: 'missing migration (42P01), revoked grant (42501), wrong password (28P01)',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    await site.database.query(WORKER)
    const producer = openProducer(site)
    const town = await openTown(stage, site, {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'] }],
      databaseUrl: site.url.replace('junction@', 'worker@'),
    })
    const connector = town.connect()
    const n = stage.scaled(1_700, 300)
    await producer.append(devices(100, 'warm'))
    await atEnds(site)
    const criteria: Criterion[] = []
    const notes: Criterion[] = []
    let stops = 0
    for (const { code, what, cause, mend } of FAULTS) {
      await site.database.query(cause)
      // A password is only asked for at a new connection.
      await site.database.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'worker'`)
      await producer.append(devices(10, `during-${code}`))
      const took = await untilPaused(connector, 'stop')
      stops++
      const error = connector.status().consumers[0]?.error ?? ''
      await producer.append(devices(n, `after-${code}`))
      await delay(stage.scaled(10_000, 1_000))
      const deadLetters = await letters(site)
      const speed = ofSpeed(stage, criterion(`${what}: stopped within 5 s`, `${Math.round(took)} ms`, took < 5_000))
      criteria.push(
        criterion(`${what}: stopped and says why`, error.slice(0, 80), error !== ''),
        criterion(`${what}: no dead letter`, deadLetters, deadLetters === 0),
        ...speed.criteria,
      )
      notes.push(...speed.notes)
      await site.database.query(mend)
      connector.resume('unruly')
      await atEnds(site)
    }
    const { counts } = await count(site.database, producer.ledger, 'unruly')
    return { events: producer.ledger.size, fired: stops, counts, criteria, notes }
  },
}

async function letters(site: Site): Promise<number> {
  const { rows } = await site.database.query<{ n: number }>('select count(*)::int as n from dead_letter')
  return rows[0]?.n ?? Number.NaN
}
