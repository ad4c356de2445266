import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { until } from '#test/e2e/runtime.ts'
import { criterion, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { devices, openProducer } from '../tools/produce.ts'
import { openSite, type Site } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds, untilPaused } from '../tools/wait.ts'

/** A hog takes every connection that gets free: those of the function first, then the connector's too. */
export const t21: Row = {
  id: 'T21',
  buses: ['postgres'],
  what: 'max_connections exhausted (53300)',
  needs: [],
  async run(stage) {
    const site = await openSite(stage, { maxConnections: 24 })
    const producer = openProducer(site)
    const n = stage.events
    await producer.append(devices(n, 'before'))
    const town = await openTown(stage, site, {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'], batch: 20 }],
    })
    const connector = town.connect()
    await atEnds(site)
    const hog = startHog(site)
    stage.atEnd(hog.end)
    // Before that they would be done in no time.
    await until('no connection is free', () => Promise.resolve(hog.refused() > 0))
    await producer.append(devices(n, 'during'))
    const pausedAfter = await untilPaused(connector, 'breaker')
    hog.hunt('connector')
    await until('the connector says it is not ready', async () => !connector.status().ready)
    await delay(stage.scaled(60_000, 3_000))
    const refused = await hog.end()
    const { deadLetters: early } = await count(site.database, producer.ledger, 'unruly')
    const freed = performance.now()
    await atEnds(site)
    const took = performance.now() - freed
    const { counts } = await count(site.database, producer.ledger, 'unruly')
    return {
      events: producer.ledger.size,
      fired: refused,
      counts,
      criteria: [
        criterion('no dead letter', early, early === 0),
        criterion('goes on by itself within 20 s', `${Math.round(took)} ms`, took < 20_000),
      ],
      // Since the hog began: it takes its time to have all connections.
      notes: [{ what: 'breaker open', value: `${Math.round(pausedAfter)} ms` }],
    }
  },
}

function startHog(site: Site) {
  const url = new URL(site.url)
  url.password = site.password
  const held: pg.Client[] = []
  const victims = ['unruly']
  let over = false
  let refused = 0
  const run = (async () => {
    while (!over) {
      const client = new pg.Client({ connectionString: url.href, application_name: 'hog' })
      client.on('error', () => {})
      const error = await client.connect().then(
        () => void held.push(client),
        (error: { code?: string }) => error,
      )
      if (error?.code === '53300') refused++
      if (error) {
        // What the others still hold is taken from them: they must ask anew, and are refused.
        const take = 'select pg_terminate_backend(pid) from pg_stat_activity where application_name = any($1)'
        await site.database.query(take, [victims]).catch(() => {})
        await delay(5)
      }
    }
  })()
  return {
    refused: () => refused,
    hunt: (name: string) => void victims.push(name),
    async end() {
      over = true
      await run
      await Promise.all(held.splice(0).map((client) => client.end()))
      return refused
    },
  }
}
