import { setTimeout as delay } from 'node:timers/promises'
import { until } from '#test/e2e/runtime.ts'
import type { City } from '../city/city.ts'
import type { ConnectorPart } from '../city/connector.ts'
import { delivered } from '../city/delivered.ts'
import { criterion, type Row } from '../row.ts'

/** One of three dies and one is frozen within its calls; those end after the last one has taken all over. */
export const a01: Row = {
  id: 'A01',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'of three connectors one SIGKILLed, one frozen (SIGSTOP) within its calls and resumed',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city({ connectors: 3, settings: { exec_timeout: '5m' } })
    const [frozen, killed, last] = city.connectors as [ConnectorPart, ConnectorPart, ConnectorPart]
    await until('all three have a share, and no two the same', async () => {
      return areShared(await Promise.all(city.connectors.map(shareOf)))
    })
    const load = city.generator.send({ events: stage.events, perSecond: stage.scaled(50, 80) })
    await load.reached(0.1)
    let share: number[] = []
    await until('it tells of its share', async () => {
      share = await shareOf(frozen)
      return share.length > 0
    })
    city.orders.give('hold', share.join())
    await until('a call of it waits', async () => city.orders.held().waits > 0)
    frozen.freeze()
    const frozenAt = Date.now()
    city.orders.lift('hold')
    await killed.kill()
    const before = await positions(city, share)
    stage.say(`one is frozen, with partitions ${share.join(', ')}; one is killed`)
    await until('the last one has all', async () => areShared([await shareOf(last)]))
    const takenMs = Date.now() - frozenAt
    await until('it goes on where the frozen one stood', async () => {
      const now = await positions(city, share)
      return share.every((partition) => (now.get(partition) ?? 0) > (before.get(partition) ?? 0))
    })
    city.orders.give('release')
    await until('the late units have ended', async () => {
      const { waits, ...ends } = city.orders.held()
      return ends.done + ends.refused + ends.failed === waits
    })
    const { waits, refused } = city.orders.held()
    await delay(Math.max(0, frozenAt + stage.scaled(60, 0) * 1000 - Date.now()))
    frozen.thaw()
    stage.say(`resumed after ${Date.now() - frozenAt} ms`)
    await until('the resumed one has a share again, and no other the same', async () => {
      return areShared(await Promise.all([frozen, last].map(shareOf)))
    })
    await city.generator.send({ events: stage.events / 5 }).done
    await load.done
    await city.atRest()
    const letters = await city.look.deadLetters()
    // The broker grants no session shorter than 6 s.
    const leaseMs = stage.scaled(45_000, 6_000)
    return {
      ...(await delivered(city)),
      fired: 2,
      criteria: [
        criterion('late units of the frozen one, refused', `${refused} of ${waits}`, refused === waits),
        criterion(
          `all shares taken over within ${leaseMs} ms + ${MARGIN_MS} ms`,
          `${takenMs} ms`,
          takenMs < leaseMs + MARGIN_MS,
        ),
        criterion('dead letters', letters, letters === 0),
      ],
      notes: [{ what: 'late slices refused', value: await city.look.refused() }],
    }
  },
}

const PARTITIONS = 8
/** For looks at the leases, or a rebalance, on a machine that has other work. */
const MARGIN_MS = 25_000

/** Each has some, all are had, and none by two. */
const areShared = (shares: number[][]): boolean =>
  shares.every((share) => share.length > 0) &&
  shares.flat().length === PARTITIONS &&
  new Set(shares.flat()).size === PARTITIONS

/** The partitions of the counting function that a connector has. */
async function shareOf(connector: ConnectorPart): Promise<number[]> {
  const { consumers = [] } = (await connector.status()) ?? {}
  return consumers.find(({ consumer }) => consumer === 'counting')?.partitions.map(({ partition }) => partition) ?? []
}

async function positions(city: City, partitions: number[]): Promise<Map<number, number>> {
  const { rows } = await city.database.query<{ partition: number; next: string }>(
    `select partition, next from position where consumer = 'counting' and topic = 'readings' and partition = any($1)`,
    [partitions],
  )
  return new Map(rows.map(({ partition, next }) => [partition, Number(next)]))
}
