import { setTimeout as delay } from 'node:timers/promises'
import type { City } from '../city/city.ts'
import { delivered } from '../city/delivered.ts'
import { criterion, type Row, type Stage } from '../row.ts'

type Fault = (city: City, stage: Stage) => Promise<void>

/** The faults of T02, T04, T05, T08, T12 and T19, in short. */
const FAULTS: Record<string, Fault> = {
  async T02({ broker }, stage) {
    await broker.kill()
    await delay(stage.scaled(20, 1) * 1000 * stage.random.next())
    await broker.start()
  },
  async T04({ connectors: [connector] }) {
    await connector?.kill()
    await connector?.start()
  },
  async T05({ generator, orders }) {
    const { done } = generator.send({ events: 20 })
    await orders.obeyed('die-in-handler')
    await done
  },
  async T08({ connectors: [, other] }, stage) {
    await other?.start()
    await delay(2_000 * stage.random.next())
    await other?.stop()
  },
  async T12({ gateway }) {
    await gateway.kill()
    await gateway.start()
  },
  async T19({ server }, stage) {
    await server.stop()
    await delay(stage.scaled(30, 2) * 1000 * stage.random.next())
    await server.start()
  },
}

/** Everything at once, in an order that the seed decides. */
export const t60: Row = {
  id: 'T60',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'T02, T04, T05, T08, T12 and T19 at random',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city()
    await city.connector()
    const seconds = stage.scaled(1_800, 20)
    const perSecond = stage.scaled(50, 100)
    const load = city.generator.send({ events: seconds * perSecond, perSecond })
    const counts: Record<string, number> = {}
    let deck: string[] = []
    // However slow the machine: each fault once at least.
    const isMet = () => Object.keys(counts).length === Object.keys(FAULTS).length
    for (const end = Date.now() + seconds * 1000; Date.now() < end || !isMet(); ) {
      await delay(stage.scaled(5_000, 500) * stage.random.next())
      // Dealt like cards: a short run meets every fault too.
      if (deck.length === 0) deck = Object.keys(FAULTS)
      const [name = ''] = deck.splice(stage.random.below(deck.length), 1)
      stage.say(`${name}, ${Math.max(0, Math.round((end - Date.now()) / 1000))} s to go`)
      await FAULTS[name]?.(city, stage)
      counts[name] = (counts[name] ?? 0) + 1
    }
    await load.done
    await city.atRest(300_000)
    const letters = await city.look.deadLetters()
    const chosen = Object.entries(counts)
    return {
      ...(await delivered(city)),
      fired: chosen.reduce((sum, [, n]) => sum + n, 0),
      criteria: [criterion('dead letters', letters, letters === 0)],
      notes: [{ what: 'faults', value: chosen.map(([name, n]) => `${n} × ${name}`).join(', ') }],
    }
  },
}
