import { setTimeout as delay } from 'node:timers/promises'
import { alive } from '#test/e2e/processes.ts'
import { until } from '#test/e2e/runtime.ts'
import type { Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { devices, openProducer } from '../tools/produce.ts'
import { openSite, type Site } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

/** Every unit takes far longer than the grace the platform gives, so that SIGKILL meets it at work. */
const dawdle = (work: string) =>
  `create or replace function dawdle() returns trigger language plpgsql as $$ begin perform ${work}; return null; end $$`
const TRIGGER = `${dawdle('pg_sleep(3)')};
  create trigger dawdle after insert on counted for each statement execute function dawdle()`
const GRACE_MS = 150

/** A platform that does not wait for the end of the work: whatever was not committed is gone and comes again. */
export const t42: Row = {
  id: 'T42',
  buses: ['postgres'],
  what: 'SIGTERM of a function, then SIGKILL at the end of its grace',
  needs: ['redeliveries'],
  async run(stage) {
    const site = await openSite(stage)
    await site.database.query(TRIGGER)
    const producer = openProducer(site)
    const town = await openTown(stage, site, {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'], batch: 20 }],
      limits: { firstPauseMs: 100, maxPauseMs: 500 },
    })
    const offered = new Map<string, number>()
    town.connect({
      invoke: (real) => (name, request) => {
        const { 'junction-partition': partition, 'junction-first': first } = request.headers
        const slice = `${partition}: ${first}`
        offered.set(slice, (offered.get(slice) ?? 0) + 1)
        return real(name, request)
      },
    })
    const pool = town.pools.get('unruly')
    const kills = stage.scaled(30, 4)
    let killed = 0
    let since = new Date(0)
    for (let round = 0; killed < kills; round++) {
      await producer.append(devices(stage.scaled(5_000, 400) / kills, `d-${round}`))
      await until('it is at work', async () => pool?.counts().ready === 1 && (await atWork(site, since)))
      const [pid] = pool?.pids() ?? []
      process.kill(pid as number, 'SIGTERM')
      await delay(GRACE_MS)
      if (alive(pid as number)) {
        process.kill(pid as number, 'SIGKILL')
        killed++
      }
      await until('it is gone', async () => !pool?.pids().includes(pid as number))
      since = new Date()
    }
    await site.database.query(dawdle('null'))
    await atEnds(site)
    const { counts, deadLetters } = await count(site.database, producer.ledger, 'unruly')
    return {
      events: producer.ledger.size,
      fired: killed,
      redeliveries: [...offered.values()].reduce((sum, n) => sum + n - 1, 0),
      counts,
      criteria: [],
      // By the rule of three crashes: where every start is killed at work, who kills cannot be told from what was at work.
      notes: [{ what: 'dead letters of events that three deaths met', value: deadLetters }],
    }
  },
}

/** Whether a unit is under way on a connection made since then: those of the dead work on for a while. */
async function atWork({ database }: Site, since: Date): Promise<boolean> {
  const { rows } = await database.query(
    `select from pg_stat_activity where datname = current_database() and application_name = 'unruly'
       and wait_event = 'PgSleep' and backend_start > $1`,
    [since],
  )
  return rows.length > 0
}
