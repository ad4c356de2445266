import { redeliver } from '#runtime/redelivery/redeliver.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { until } from '#test/e2e/runtime.ts'
import { criterion, type Row } from '../row.ts'
import { count, lag } from '../tools/count.ts'
import { devices, openProducer } from '../tools/produce.ts'
import { openSite, type Site } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

/** City time, a while after what the producer's readings tell of. */
const NOW = new Date('2026-03-02T10:00:00Z')
const CONSUMERS = ['unruly-once', 'detect-congestion']

/** A whole topic from its beginning, under running connectors: the one counts by markers, the other by natural keys. */
export const t55: Row = {
  id: 'T55',
  buses: ['postgres'],
  what: 'replay of a whole topic from 0',
  needs: ['redeliveries'],
  async run(stage) {
    const site = await openSite(stage)
    const producer = openProducer(site)
    await site.database.query('insert into city_clock (city, speed) values ($1, 0)', [NOW])
    const town = await openTown(stage, site, {
      environment: { CITY_CLOCK: 'database' },
      functions: [
        { name: 'unruly-once', folder: 'test/functions/unruly-once', topics: ['readings'] },
        { name: 'detect-congestion', folder: 'functions/detect-congestion', topics: ['readings'] },
      ],
    })
    let came = 0
    town.connect({
      clock: { now: async () => NOW },
      invoke: (real) => async (name, request) => {
        const { 'junction-first': first, 'junction-next': next } = request.headers
        const answer = await real(name, request)
        if (answer.status === 200 && first !== undefined) came += Number(next) - Number(first)
        return answer
      },
    })
    await producer.append(devices(stage.events))
    await rest(site)
    const before = await tables(site)
    const rounds = stage.scaled(5, 2)
    for (let round = 0; round < rounds; round++) {
      const tools = { database: site.database, buses: [postgresBus(site.database)] }
      for (const consumer of CONSUMERS) {
        const request = { topic: 'readings', consumer, from: 'earliest', forward: false, dryRun: false }
        await redeliver(tools, request)
      }
      await rest(site)
    }
    const after = await tables(site)
    // The last answer comes after its effect.
    const all = (rounds + 1) * CONSUMERS.length * stage.events
    await until('each answer has come', async () => came >= all)
    const again = came - CONSUMERS.length * stage.events
    const { counts, effects } = await count(site.database, producer.ledger, 'unruly-once')
    const behind = await lag(site.database, 'detect-congestion')
    return {
      events: producer.ledger.size,
      fired: rounds * CONSUMERS.length,
      redeliveries: again,
      counts: { ...counts, atEnds: counts.atEnds && behind === 0 },
      criteria: [
        criterion('effects', effects, effects === stage.events),
        criterion('tables are as before', String(after === before), after === before && before.includes('d-0')),
      ],
    }
  },
}

/** Nothing is left to deliver, and no alarm is due any more. */
async function rest(site: Site): Promise<void> {
  for (const consumer of CONSUMERS) await atEnds(site, consumer)
  await until('no alarm is due', async () => {
    const { rows } = await site.database.query('select 1 from alarm where at <= (select city from city_clock)')
    return rows.length === 0
  })
}

/** What both functions keep, but for when a row was written. */
async function tables({ database }: Site): Promise<string> {
  const { rows } = await database.query<{ row: string }>(
    `select row from (
       select 'reading ' || concat_ws(' ', segment, "window", device, observed_at) as row from window_reading
       union all select 'state ' || concat_ws(' ', segment, "window", n, level, speed, rev) from window_state
       union all select 'counted ' || concat_ws(' ', id, partition, "offset") from counted
     ) all_rows order by row`,
  )
  return rows.map(({ row }) => row).join('\n')
}
