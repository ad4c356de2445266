import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openProxy } from '../proxy.ts'
import { criterion, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { devices, openProducer } from '../tools/produce.ts'
import { openSite } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

/** The function's way to PostgreSQL is slow both ways, as if it stood on another continent's satellite. */
export const t23: Row = {
  id: 'T23',
  buses: ['postgres'],
  what: 'database + 2 s latency',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    const producer = openProducer(site)
    const way = join(stage.folder, 'way')
    mkdirSync(way)
    const proxy = await openProxy({ path: join(way, '.s.PGSQL.5432') }, () => ({
      path: join(site.postgres.socketDir, '.s.PGSQL.5432'),
    }))
    stage.atEnd(() => proxy.close())
    const url = new URL(site.url)
    url.searchParams.set('host', way)
    const town = await openTown(stage, site, {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'] }],
      databaseUrl: url.href,
    })
    const connector = town.connect()
    await producer.append(devices(stage.events, 'before'))
    await atEnds(site)
    // Each way half of it.
    proxy.latency(1_000)
    await producer.append(devices(stage.events, 'during'))
    const codes = new Set<string>()
    const forMs = stage.scaled(120_000, 10_000)
    for (const began = performance.now(); performance.now() - began < forMs; await delay(100)) {
      const { code, state } = connector.status().consumers[0] ?? {}
      if (code) codes.add(`${state}: ${code}`)
    }
    const slow = await count(site.database, producer.ledger, 'unruly')
    proxy.heal()
    const healed = performance.now()
    await atEnds(site)
    const took = performance.now() - healed
    const { counts, deadLetters } = await count(site.database, producer.ledger, 'unruly')
    stage.say(
      `while it was slow: ${slow.effects - stage.events} of ${stage.events} done; ${[...codes].join() || 'never paused'}`,
    )
    return {
      events: producer.ledger.size,
      fired: proxy.connections() > 0 ? 1 : 0,
      counts,
      criteria: [
        criterion('no dead letter', deadLetters, deadLetters === 0),
        criterion('done within 60 s of the mend', `${Math.round(took)} ms`, took < 60_000),
      ],
    }
  },
}
