import { setTimeout as delay } from 'node:timers/promises'
import { percentile } from '#test/bench/percentile.ts'
import { until } from '#test/e2e/runtime.ts'
import { delivered } from '../city/delivered.ts'
import { partitionOfId } from '../city/generator.ts'
import { criterion, ofSpeed, type Row } from '../row.ts'
import { cloudEvent } from '../tools/produce.ts'

/** What a machine shared with others may add to a delay of next to nothing. */
const NOISE_MS = 250

/** A call that never ends: its slot is freed at the deadline, the other partitions go on. */
export const t11: Row = {
  id: 'T11',
  buses: ['postgres'],
  what: 'function hangs for ever',
  needs: ['redeliveries'],
  async run(stage) {
    // So long that no moment of a busy machine is taken for it.
    const timeoutMs = 10_000
    const city = await stage.city({ settings: { exec_timeout: `${timeoutMs}ms` } })
    const limitMs = (timeoutMs + 2_000) * 1.1
    const half = { events: stage.events / 2, perSecond: stage.scaled(150, 100) }

    await city.generator.send(half).done
    await city.atRest()
    const before = percentile([...(await city.look.delays()).values()], 99)

    const load = city.generator.send(half)
    await load.reached(0.1)
    const hungAt = Date.now()
    await city.orders.obeyed('hang')
    await delay(timeoutMs + 1_000)
    let freed = 'gone'
    await until('the connector tells how its consumer is', async () => {
      freed = (await city.connectors[0]?.status())?.consumers[0]?.state ?? freed
      return freed !== 'gone'
    })
    await load.done
    await city.atRest()
    const delays = await city.look.delays(hungAt)
    const hung = [...delays].filter(([, ms]) => ms >= timeoutMs * 0.9)
    const partitions = new Set(hung.map(([id]) => partitionOfId(id)))
    const others = [...delays].filter(([id]) => !partitions.has(partitionOfId(id))).map(([, ms]) => ms)
    const after = percentile(others, 99)

    const called = Date.now()
    city.orders.give('hang')
    const { status } = await fetch(`${city.gatewayUrl}/function/counting`, cloudEvent('hung'))
    const answeredMs = Date.now() - called
    const speed = [
      criterion(`504 by ${limitMs} ms`, `${answeredMs} ms`, answeredMs <= limitMs),
      criterion('the other partitions wait for nothing: p99', `${Math.round(after)} ms`, after < timeoutMs / 2),
      criterion(
        "the other partitions' p99 < 2×",
        `${Math.round(after)} ms, ${Math.round(before)} ms before`,
        after < 2 * Math.max(before, NOISE_MS),
      ),
    ].map((one) => ofSpeed(stage, one))
    return {
      ...(await delivered(city)),
      fired: 2,
      criteria: [
        criterion('the call that hangs is answered 504', status, status === 504),
        criterion('the consumer runs on', freed, freed === 'running'),
        criterion('partitions held up', partitions.size, partitions.size === 1),
        ...speed.flatMap(({ criteria }) => criteria),
      ],
      notes: speed.flatMap(({ notes }) => notes),
    }
  },
}
