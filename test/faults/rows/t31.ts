import { setTimeout as delay } from 'node:timers/promises'
import { criterion, ofSpeed, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { devices, idOf, openProducer } from '../tools/produce.ts'
import { openSite, type Site } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

/** At a steady rate, so that a delay is the fault's and no backlog's. */
const A_SECOND = 500
/** The first start of the function is nobody's fault. */
const WARM = 10

/** One event that its handler rejects, later one that kills the process; all others have their effect. */
export const t31: Row = {
  id: 'T31',
  buses: ['postgres'],
  what: '1 poison in 10,000, then one that kills the process',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    const producer = openProducer(site)
    const town = await openTown(stage, site, {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'] }],
      limits: { firstPauseMs: 200 },
    })
    town.connect()
    await producer.append(devices(WARM, 'warm'))
    await atEnds(site)
    const n = stage.scaled(10_000, 2_000)
    await steadily(devices(n - 1, 'a'), 'poison', producer.append)
    await atEnds(site)
    const rejected = await held(site, 'a', 'poison')
    await steadily(devices(n - 1, 'b'), 'killer', producer.append)
    await atEnds(site)
    const killed = await held(site, 'b', 'killer')
    const crashes = town.pools.get('unruly')?.counts().allCrashes ?? 0
    const { counts, effects } = await count(site.database, producer.ledger, 'unruly')
    const { rows: letters } = await site.database.query<{ event_id: string; reason: string }>(
      'select event_id, reason from dead_letter order by event_id desc',
    )
    const found = letters.map(({ event_id, reason }) => `${event_id}: ${reason}`).join(', ')
    const meant = `${idOf('poison')}: rejected_by_function, ${idOf('killer')}: attempts_exhausted`
    const speed = [
      criterion('others delayed < 5 s by the poison', `${rejected} ms`, rejected < 5_000),
      criterion('others delayed < 60 s by the killer', `${killed} ms`, killed < 60_000),
    ].map((one) => ofSpeed(stage, one))
    return {
      events: producer.ledger.size,
      fired: letters.length + crashes,
      counts,
      criteria: [
        criterion('all others have their effect', effects, effects === WARM + 2 * (n - 1)),
        criterion('one dead letter each', found, found === meant),
        criterion('crashes until the killer is isolated', crashes, crashes >= 3 && crashes <= 5),
        ...speed.flatMap(({ criteria }) => criteria),
      ],
      notes: speed.flatMap(({ notes }) => notes),
    }
  },
}

async function steadily(names: string[], culprit: string, append: (names: string[]) => Promise<void>) {
  const step = A_SECOND / 10
  const all = [...names.slice(0, names.length / 2), culprit, ...names.slice(names.length / 2)]
  for (let from = 0, began = performance.now(); from < all.length; from += step) {
    await append(all.slice(from, from + step))
    await delay(Math.max(0, began + (from / step + 1) * 100 - performance.now()))
  }
}

/** How much longer the slowest event after the culprit took than the slowest before it, which tells of the machine. */
async function held(site: Site, word: string, culprit: string): Promise<number> {
  const { rows } = await site.database.query<{ ms: number }>(
    `select (max(ms) filter (where later) - max(ms) filter (where not later))::int as ms from (
       select extract(epoch from c.at - l.appended_at) * 1000 as ms,
         l.appended_at >= (select appended_at from log where topic = 'readings' and id = $2) as later
       from counted c join log l on l.topic = c.topic and l.partition = c.partition and l."offset" = c."offset"
       where c.id like $1) timed`,
    [`${word}-%`, idOf(culprit)],
  )
  return rows[0]?.ms ?? Number.NaN
}
