import { setTimeout as delay } from 'node:timers/promises'
import { until } from '#test/e2e/runtime.ts'
import { delivered } from '../city/delivered.ts'
import { criterion, ofSpeed, type Row } from '../row.ts'

/** The broker dies under load and comes back. */
export const t02: Row = {
  id: 'T02',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'broker killed mid-batch, back after a while',
  needs: [],
  async run(stage) {
    const city = await stage.city()
    const load = city.generator.send({ events: stage.events, perSecond: stage.scaled(250, 300) })
    await load.reached(0.3)
    await city.broker.kill()
    const outAt = Date.now()
    stage.say('the broker is gone')
    await delay(stage.scaled(20, 3) * 1000)
    await city.broker.start()
    const upAt = Date.now()
    stage.say('the broker is back')
    // Events from before may still have theirs.
    await until('an event of after the outage has its effect', async () =>
      [...(await city.look.delays(outAt)).keys()].some((id) => (city.generator.ackedAt.get(id) ?? 0) > outAt),
    )
    const resumedMs = Date.now() - upAt
    await load.done
    await city.atRest()
    const letters = await city.look.deadLetters()
    const speed = ofSpeed(stage, criterion('resumes ≤ 10 s', `${resumedMs} ms`, resumedMs <= 10_000))
    return {
      ...(await delivered(city)),
      fired: 1,
      criteria: [criterion('dead letters', letters, letters === 0), ...speed.criteria],
      notes: speed.notes,
    }
  },
}
