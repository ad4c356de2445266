import { setTimeout as delay } from 'node:timers/promises'
import { criterion, ofSpeed, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { jumpingDate } from '../tools/jumping-date.ts'
import { devices, openProducer } from '../tools/produce.ts'
import { openSite } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

/** A fifth of all inserts fails, so that at any time some events wait for their next try. */
const TRIGGER = `
  create function fail_first() returns trigger language plpgsql as $$
  begin
    if random() < 0.2 then raise exception 'as ordered' using errcode = '40001'; end if;
    return new;
  end $$;
  create trigger fail_first before insert on counted for each row execute function fail_first()`

/** The clock of gateway and connector; PostgreSQL's stays, for it is the machine's own. */
export const t17: Row = {
  id: 'T17',
  buses: ['postgres'],
  what: 'host clock jumps ± 1 h during retries',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    await site.database.query(TRIGGER)
    const producer = openProducer(site)
    const town = await openTown(stage, site, {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'], batch: 1 }],
    })
    const calls: number[] = []
    town.connect({
      invoke: (real) => (name, request) => {
        calls.push(performance.now())
        return real(name, request)
      },
    })
    const forMs = stage.scaled(30_000, 5_000)
    let jumps = 0
    const date = jumpingDate()
    stage.atEnd(date.restore)
    // As many calls a second as retries come to, with the clock left alone and while it jumps.
    const rate = async (perturb: () => void) => {
      const began = performance.now()
      while (performance.now() - began < forMs) {
        if ((await backlog()) < 90) await producer.append(devices(90, `d-${producer.ledger.size}`))
        perturb()
        await delay(250)
      }
      return calls.filter((at) => at >= began).length / (forMs / 1000)
    }
    const backlog = async () => {
      const { effects } = await count(site.database, producer.ledger, 'unruly')
      return producer.ledger.size - effects
    }
    const calm = await rate(() => {})
    const jumping = await rate(() => date.jump(jumps++ % 2 === 0 ? 1 : -1))
    date.restore()
    await atEnds(site)
    const { counts, deadLetters } = await count(site.database, producer.ledger, 'unruly')
    const factor = jumping / calm
    const speed = ofSpeed(
      stage,
      criterion(
        'calls a second at most 2 ×, at least half',
        `${calm.toFixed(1)}, then ${jumping.toFixed(1)}`,
        factor <= 2 && factor >= 0.5,
      ),
    )
    return {
      events: producer.ledger.size,
      fired: jumps,
      redeliveries: calls.length - producer.ledger.size,
      counts,
      criteria: [criterion('no dead letter', deadLetters, deadLetters === 0), ...speed.criteria],
      notes: speed.notes,
    }
  },
}
