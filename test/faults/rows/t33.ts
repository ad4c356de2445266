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
    await site.database.query(REFUSAL)
    const n = stage.scaled(5_000, 600)
    await producer.append([...devices(n / 6, 'a'), 'poison', ...devices(n / 6, 'b')], 0)
    await producer.append([...devices(n / 6, 'c'), 'killer', ...devices(n / 6, 'd')], 1)
    await producer.append(devices(n / 3, 'e'), 2)
    town.connect()
    await until('dead letters were refused to the unit and to the connector', async () => {
      const { rows } = await site.database.query<{ n: number }>('select last_value::int as n from refused')
      return (rows[0]?.n ?? 0) >= 3 && town.lines.some(({ msg }) => String(msg).includes('could not work for unruly'))
    })
    await delay(stage.scaled(30_000, 3_000))
    const held = await positions(site)
    const early = await count(site.database, producer.ledger, 'unruly')
    await site.database.query('drop trigger refuse on dead_letter')
    const healed = performance.now()
    await atEnds(site)
    const took = performance.now() - healed
    const { rows } = await site.database.query<{ n: number }>('select last_value::int as n from refused')
    const { counts, deadLetters } = await count(site.database, producer.ledger, 'unruly')
    const [poisoned = 0, killed = 0] = held
    return {
      events: producer.ledger.size,
      fired: rows[0]?.n ?? 0,
      counts,
      criteria: [
        criterion('not past the poison', poisoned, poisoned <= n / 6),
        criterion('not past the killer', killed, killed <= n / 6),
        criterion('no dead letter meanwhile', early.deadLetters, early.deadLetters === 0),
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
