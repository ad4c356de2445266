import { until } from '#test/e2e/runtime.ts'
import { delivered } from '../city/delivered.ts'
import { countingIn } from '../city/stack.ts'
import { criterion, type Row } from '../row.ts'

/** Longer than two looks at the leases and a rebalance take: calls begun before a move end after it. */
const SLOW_MS = 8_000
const ROUND_MS = 4 * SLOW_MS
/** A call of each partition from each of two connectors. */
const CALLS = 16

/** Shares move while calls run that end long after: theirs and the new holder's race, and one of them counts. */
export const t09: Row = {
  id: 'T09',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'handler slower than the time to give a share back',
  needs: ['redeliveries'],
  async run(stage) {
    const counting = countingIn('counting', { batch: 10, environment: { DATABASE_POOL: `${CALLS}` } })
    const city = await stage.city({ functions: [counting], settings: { exec_timeout: '30s' } })
    const other = await city.connector()
    const rounds = stage.scaled(5, 4)
    const refused: number[] = []
    let fired = 0
    city.orders.give('slow', String(SLOW_MS))
    const isShown = () => stage.profile === 'ci' && refused.some((n) => n > 0)
    for (let round = 0; round < rounds && !isShown(); round++) {
      await city.generator.send({ events: stage.events / rounds }).done
      await until('calls are in flight', async () => (await city.look.inFlight()) > 0)
      const before = await city.look.refused()
      await other.start()
      await until('the other one has a share while calls are in flight', async () => {
        const share = (await other.status())?.consumers[0]?.partitions ?? []
        return share.length > 0 && (await city.look.inFlight()) > 0
      })
      fired++
      // Each partition that moved has a call of either connector under way; where none moved just then, none is late.
      const over = performance.now() + ROUND_MS
      await until('a late slice is refused, or the calls of then are over', async () => {
        return (await city.look.refused()) > before || performance.now() > over
      })
      refused.push((await city.look.refused()) - before)
      stage.say(`late slices refused: ${refused.at(-1)}`)
      await other.stop()
    }
    city.orders.lift('slow')
    await city.atRest()
    const all = refused.reduce((sum, n) => sum + n, 0)
    return {
      ...(await delivered(city)),
      fired,
      criteria: [criterion('late slices refused', refused.join(', '), all > 0)],
    }
  },
}
