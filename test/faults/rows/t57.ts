import { checkRetention } from '#runtime/housekeeping.ts'
import { keepHouse } from '#shared/state/retention.ts'
import { criterion, type Row } from '../row.ts'
import { openSite } from '../tools/site.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const LOG = 30 * DAY

/** Markers must outlive whatever can bring their events again. */
export const t57: Row = {
  id: 'T57',
  buses: ['none'],
  what: 'purge of the inbox inside the replay horizon',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    const horizon = LOG + DAY
    const refusals = [DAY, LOG, horizon - HOUR].filter((inboxMs) => {
      try {
        checkRetention({ logMs: LOG, inboxMs })
        return false
      } catch (error) {
        stage.say((error as Error).message)
        return true
      }
    })
    checkRetention({ logMs: LOG, inboxMs: horizon })
    const n = stage.scaled(25_000, 2_500)
    await site.database.query(
      `insert into inbox (consumer, id, done_at)
       select 'unruly', gen_random_uuid(), now() - age * interval '1 ms' from unnest($1::float8[]) age, generate_series(1, $2)`,
      [[0, horizon - HOUR, horizon + HOUR], n],
    )
    await keepHouse(site.database, ['unruly'], { logMs: LOG, inboxMs: horizon })
    const { rows } = await site.database.query<{ inside: number; beyond: number }>(
      `select count(*) filter (where done_at > now() - $1 * interval '1 ms')::int as inside,
         count(*) filter (where done_at <= now() - $1 * interval '1 ms')::int as beyond from inbox`,
      [horizon],
    )
    const [{ inside, beyond }] = rows as [{ inside: number; beyond: number }]
    return {
      events: 3 * n,
      fired: refusals.length,
      criteria: [
        criterion('settings that would cut into it are refused', refusals.length, refusals.length === 3),
        criterion('markers inside it are kept', inside, inside === 2 * n),
        criterion('markers beyond it are purged', beyond, beyond === 0),
      ],
    }
  },
}
