import { setTimeout as delay } from 'node:timers/promises'
import { criterion, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { devices, openProducer, shuffled } from '../tools/produce.ts'
import { openSite, type Site } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

/** Some of the events lock two rows the wrong way round, others fail to serialize: PostgreSQL itself says so. */
const TRIGGER = `
  create table pair (name text primary key, n int not null default 0);
  insert into pair values ('a'), ('b');
  create sequence turn;
  create function trouble() returns trigger language plpgsql as $$
  begin
    if new.id like 'serial%' and nextval('turn') % 2 = 1 then
      raise exception 'could not serialize access' using errcode = '40001';
    end if;
    if new.id like 'dead%' then
      update pair set n = n + 1 where name = 'a';
      perform pg_sleep(0.05);
      update pair set n = n + 1 where name = 'b';
    end if;
    return new;
  end $$;
  create trigger trouble before insert on counted for each row execute function trouble()`

/** After so long PostgreSQL looks for deadlocks, unless told otherwise. */
const DEADLOCK_MS = 900
const GIVES_WAY_MS = 2_000

/** Deadlocks are made by a second session that takes the same rows the other way round, and gives way at times. */
export const t22: Row = {
  id: 'T22',
  buses: ['postgres'],
  what: 'deadlocks (40P01) and serialization failures (40001)',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    await site.database.query(TRIGGER)
    const producer = openProducer(site)
    const n = stage.scaled(4_900, 900)
    const words = [...devices(n), ...devices(stage.scaled(80, 20), 'serial'), ...devices(stage.scaled(20, 5), 'dead')]
    await producer.append(shuffled(words, stage.random))
    const town = await openTown(stage, site, {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'], batch: 20 }],
    })
    const attempts: number[] = []
    const rival = startRival(site)
    stage.atEnd(rival.end)
    town.connect({
      invoke: (real) => (name, request) => {
        attempts.push(Number(request.headers['junction-attempt']))
        return real(name, request)
      },
    })
    await atEnds(site)
    await rival.end()
    const { counts, deadLetters } = await count(site.database, producer.ledger, 'unruly')
    const { rows } = await site.database.query<{ deadlocks: number; failed: number }>(
      `select deadlocks::int, (select case when is_called then (last_value + 1) / 2 else 0 end::int from turn) as failed from pg_stat_database where datname = 'junction'`,
    )
    const [{ deadlocks, failed }] = rows as [{ deadlocks: number; failed: number }]
    const most = Math.max(...attempts)
    return {
      events: words.length,
      fired: deadlocks + failed,
      counts,
      criteria: [
        criterion('deadlocks that PostgreSQL broke > 0', deadlocks, deadlocks > 0),
        criterion('no dead letter', deadLetters, deadLetters === 0),
        criterion('attempts of an event at most 1 + 3', most, most <= 4),
      ],
    }
  },
}

function startRival(site: Site) {
  const pool = site.open(1, 'rival')
  let over = false
  const run = (async () => {
    while (!over) {
      const began = performance.now()
      await pool
        .query(`do $$ begin
          update pair set n = n + 1 where name = 'b'; perform pg_sleep(0.05); update pair set n = n + 1 where name = 'a';
        end $$`)
        .catch(() => {})
      // After a deadlock it gives way to the next try of those that lost.
      if (performance.now() - began > DEADLOCK_MS) await delay(GIVES_WAY_MS)
    }
  })()
  return {
    end: () => {
      over = true
      return run
    },
  }
}
