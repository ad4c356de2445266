import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { delivered } from '../city/delivered.ts'
import { openProxy } from '../proxy.ts'
import { criterion, type Row } from '../row.ts'

const NAME = 'database.test'

/** The name of PostgreSQL is gone with its machine, and comes back as another address. */
export const t53: Row = {
  id: 'T53',
  buses: ['postgres'],
  what: 'DNS failure, then a new address',
  needs: [],
  async run(stage) {
    const names = join(stage.folder, 'names.json')
    const place = (address?: string) => writeFileSync(names, JSON.stringify(address ? { [NAME]: address } : {}))
    place('127.0.0.1')
    const ports = { port: 0 }
    const city = await stage.city({ connectors: 0, names: { file: names, database: NAME, ports } })
    const target = () => ({ path: join(city.server.socketDir, '.s.PGSQL.5432') })
    const first = await openProxy({ port: 0 }, target)
    stage.atEnd(() => first.close())
    ports.port = first.port
    const second = await openProxy({ port: first.port, host: '127.0.0.2' }, target)
    stage.atEnd(() => second.close())
    await (await city.connector()).start()

    const outageMs = stage.scaled(60, 5) * 1000
    const load = city.generator.send({ events: stage.events, perSecond: Math.ceil((stage.events * 500) / outageMs) })
    await load.reached(0.2)
    place()
    await first.refuse()
    await delay(outageMs)
    place('127.0.0.2')
    const backAt = Date.now()
    await city.look.effectAfter(backAt)
    const recoveredMs = Date.now() - backAt
    await load.done
    await city.atRest()
    return {
      ...(await delivered(city)),
      fired: 1,
      criteria: [
        criterion('connections at the new address', second.taken(), second.taken() > 0),
        criterion('recovers ≤ 30 s', `${recoveredMs} ms`, recoveredMs <= 30_000),
      ],
    }
  },
}
