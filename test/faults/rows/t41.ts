import type { Database } from '#shared/state/database.ts'
import { until } from '#test/e2e/runtime.ts'
import { criterion, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { devices, openProducer } from '../tools/produce.ts'
import { openSite } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

/** What a connector does at SIGTERM, under load: no call begins, those in flight end, the next one goes on from there. */
export const t41: Row = {
  id: 'T41',
  buses: ['postgres'],
  what: 'SIGTERM of the connector under load',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    const producer = openProducer(site)
    const town = await openTown(stage, site, {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'], batch: 20 }],
    })
    const rounds = stage.scaled(20, 5)
    let begunLate = 0
    let cutOff = 0
    let again = 0
    let apart = 0
    const done = new Set<string>()
    for (let round = 0; round < rounds; round++) {
      await producer.append(devices(stage.events / rounds, `d-${round}`))
      let stopping = false
      let inFlight = 0
      let calls = 0
      let deliver = () => {}
      const delivering = new Promise<void>((resolve) => {
        deliver = resolve
      })
      const connector = town.connect({
        invoke: (real) => async (name, request) => {
          if (stopping) begunLate++
          const { 'junction-partition': partition, 'junction-first': first, 'junction-next': next } = request.headers
          const slice = `${partition}: ${first}-${next}`
          if (done.has(slice)) again++
          inFlight++
          if (++calls > 3) deliver()
          const answer = await real(name, request).finally(() => inFlight--)
          if (answer.status === 200) done.add(slice)
          return answer
        },
      })
      await Promise.race([delivering, until('it delivers', async () => calls > 3)])
      stopping = true
      await connector.stop()
      cutOff += inFlight
      const { effects } = await count(site.database, producer.ledger, 'unruly')
      if (effects !== (await committed(site.database))) apart++
    }
    town.connect()
    await atEnds(site)
    const { counts } = await count(site.database, producer.ledger, 'unruly')
    return {
      events: producer.ledger.size,
      fired: rounds,
      counts,
      criteria: [
        criterion('calls begun after it', begunLate, begunLate === 0),
        criterion('calls cut off', cutOff, cutOff === 0),
        criterion('stops after which committed ≠ done', apart, apart === 0),
        criterion('slices delivered again after a stop', again, again === 0),
      ],
    }
  },
}

async function committed(database: Database): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    `select coalesce(sum(next), 0)::int as n from position where consumer = 'unruly' and topic = 'readings'`,
  )
  return rows[0]?.n ?? 0
}
