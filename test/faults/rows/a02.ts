import { setTimeout as delay } from 'node:timers/promises'
import { until } from '#test/e2e/runtime.ts'
import type { City } from '../city/city.ts'
import { countingIn } from '../city/stack.ts'
import { criterion, type Row } from '../row.ts'
import { startClient } from '../tools/client.ts'
import { countStatuses, statusText } from '../tools/statuses.ts'

const PER_SECOND = 200
const ALLOWED = ['202', '429', '503']

/** What was answered 202 is in effect once, whatever the log was doing; what could not be stored was refused in so many words. */
export const a02: Row = {
  id: 'A02',
  buses: ['postgres', 'kafka', 'nats'],
  what: '200 readings/s posted over HTTP through two outages of the broker',
  needs: [],
  async run(stage) {
    const ingest = { name: 'ingest', folder: 'functions/ingest' }
    const city = await stage.city({
      functions: [countingIn('counting-once'), ingest],
      settings: { exec_timeout: '30s' },
    })
    const client = startClient(`${city.gatewayUrl}/function/ingest`, PER_SECOND)
    const between = () => delay(stage.scaled(10_000, 3_000))
    // The keeper of PostgreSQL would have it back at once after a SIGKILL: of its crashes there is T20.
    const gone = stage.bus === 'postgres' ? 'stopped in order' : 'killed by SIGKILL'
    const refused: number[] = []
    const away: number[] = []
    for (const outageMs of [stage.scaled(5_000, 2_000), stage.scaled(30_000, 6_000)]) {
      await between()
      const before = client.refusals()
      const began = Date.now()
      await city.broker.kill()
      stage.say(`the broker is ${gone} for ${outageMs} ms`)
      await delay(outageMs)
      await until('the outage shows', async () => client.refusals() > before)
      await city.broker.start()
      away.push(Date.now() - began)
      refused.push(client.refusals() - before)
    }
    await between()
    await client.end()
    await city.atRest()

    const effects = await effectsIn(city)
    const letters = await lettersIn(city)
    const sent = [...client.answers]
    const accepted = sent.filter(([, statuses]) => statuses.includes(202))
    const later = accepted.filter(([, all]) => all.length > 1).length
    const there = sent.filter(([id, statuses]) => !statuses.includes(202) && effects.has(id))
    const statuses = countStatuses(sent.flatMap(([, all]) => all))
    const others = Object.keys(statuses).filter((status) => !ALLOWED.includes(status))
    return {
      events: sent.length,
      fired: refused.filter((n) => n > 0).length,
      redeliveries: city.orders.redeliveries(),
      counts: {
        lost: accepted.filter(([id]) => !effects.has(id)).length,
        dup: [...effects.values()].reduce((sum, n) => sum + n - 1, 0),
        forged: [...effects.keys()].filter((id) => !client.answers.has(id)).length,
        both: letters.filter((id) => effects.has(id)).length,
        atEnds: (await city.behind()) === 0,
      },
      criteria: [
        criterion('answers other than 202, 429 and 503', others.join() || 'none', others.length === 0),
        criterion('503 without Retry-After', client.bare(), client.bare() === 0),
        criterion(
          'refused in each outage',
          refused.join(', '),
          refused.every((n) => n > 0),
        ),
        criterion('accepted at a later try', later, later > 0),
        criterion('dead letters', letters.length, letters.length === 0),
      ],
      notes: [
        { what: 'answers', value: statusText(statuses) },
        { what: 'accepted', value: accepted.length },
        // An acknowledgement lost with the broker leaves it open: whoever is refused tries again under the same id.
        { what: 'refused, not tried again, and there all the same', value: there.length },
        { what: `${gone}, and away for`, value: away.map((ms) => `${ms} ms`).join(', ') },
      ],
    }
  },
}

async function effectsIn(city: City): Promise<Map<string, number>> {
  const { rows } = await city.retried((database) =>
    database.query<{ id: string; n: number }>('select id, count(*)::int as n from counted group by id'),
  )
  return new Map(rows.map(({ id, n }) => [id, n]))
}

async function lettersIn(city: City): Promise<string[]> {
  const { rows } = await city.retried((database) =>
    database.query<{ id: string }>('select event_id as id from dead_letter'),
  )
  return rows.map(({ id }) => id)
}
