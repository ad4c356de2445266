import { setTimeout as delay } from 'node:timers/promises'
import { until } from '#test/e2e/runtime.ts'
import { criterion, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { devices, openProducer } from '../tools/produce.ts'
import { openSite, type Site } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

const REFUSAL = `
  create sequence refused;
  create function refuse() returns trigger language plpgsql as $$
  begin perform nextval('refused'); raise exception 'no space left' using errcode = '53100'; end $$;
  create trigger refuse before insert on dead_letter for each row execute function refuse()`

/** Dead letters of the unit (a rejected event) and of the connector (one that kills its process), each in a partition. */
export const t33: Row = {
  id: 'T33',
  buses: ['postgres'],
  what: 'dead letters cannot be written while poison arrives',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    const producer = openProducer(site)
    const town = await openTown(stage, site, {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'] }],
      limits: { firstPauseMs: 100, maxPauseMs: 1_000 },
    })
    const number = async (sql: string) => (await site.database.query<{ n: number }>(sql)).rows[0]?.n ?? 0
    const refusals = () => number('select last_value::int as n from refused')
    await site.database.query(REFUSAL)
    const n = stage.scaled(5_000, 600)
    const sixth = Math.floor(n / 6)
    await producer.append([...devices(sixth, 'a'), 'poison', ...devices(sixth, 'b')], 0)
    await producer.append([...devices(sixth, 'c'), 'killer', ...devices(sixth, 'd')], 1)
    await producer.append(devices(sixth, 'e'), 2)
    town.connect()
    await until('both have been reached, and dead letters were refused to the unit and to the connector', async () => {
      const [poison = 0, killer = 0] = await positions(site)
      const tried = town.lines.some(({ msg }) => String(msg).includes('could not work for unruly'))
      return poison >= sixth && killer >= sixth && (tried || killer > sixth) && (await refusals()) >= 3
    })
    const before = await refusals()
    await producer.append(devices(sixth, 'f'), 2)
    const goesOn = async () => ((await positions(site))[2] ?? 0) >= 2 * sixth
    await until('the other partition is at its end', goesOn, 60_000).catch(() => {})
    await delay(stage.scaled(30_000, 3_000))
    await until('dead letters are refused still', async () => (await refusals()) > before).catch(() => {})
    const [poison, killer, other] = await positions(site)
    const past = await number(`select count(*)::int as n from counted where partition < 2 and "offset" >= ${sixth}`)
    const after = await refusals()
    await site.database.query('drop trigger refuse on dead_letter')
    const healed = performance.now()
    await atEnds(site)
    const took = performance.now() - healed
    const { counts, deadLetters } = await count(site.database, producer.ledger, 'unruly')
    return {
      events: producer.ledger.size,
      fired: after,
      counts,
      criteria: [
        criterion(
          `positions of poison and killer, at ${sixth}`,
          `${poison}, ${killer}`,
          poison === sixth && killer === sixth,
        ),
        criterion('effects past them meanwhile', past, past === 0),
        criterion(`position of the other partition meanwhile, of ${2 * sixth}`, other ?? 0, other === 2 * sixth),
        criterion('tried again meanwhile', after - before, after > before),
        criterion('two dead letters after', deadLetters, deadLetters === 2),
        criterion('goes on by itself within 60 s', `${Math.round(took)} ms`, took < 60_000),
      ],
    }
  },
}

async function positions(site: Site): Promise<number[]> {
  const { rows } = await site.database.query<{ next: number }>(
    `select next::int as next from position where consumer = 'unruly' and topic = 'readings' order by partition`,
  )
  return rows.map(({ next }) => next)
}
