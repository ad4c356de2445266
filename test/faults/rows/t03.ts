import { setTimeout as delay } from 'node:timers/promises'
import { delivered } from '../city/delivered.ts'
import { criterion, type Row } from '../row.ts'

/** The broker is there and silent: it must be noticed, and be of no consequence. */
export const t03: Row = {
  id: 'T03',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'broker half-open (SIGSTOP)',
  needs: [],
  async run(stage) {
    const city = await stage.city()
    const [connector] = city.connectors
    const load = city.generator.send({ events: stage.events, perSecond: stage.scaled(250, 300) })
    await load.reached(0.3)
    city.broker.freeze()
    const frozenAt = Date.now()
    stage.atEnd(() => city.broker.thaw())
    let detectedMs = Number.NaN
    while (Date.now() - frozenAt < 50_000 && Number.isNaN(detectedMs)) {
      if ((await connector?.ready()) === 503) detectedMs = Date.now() - frozenAt
      await delay(100)
    }
    stage.say(`noticed after ${detectedMs} ms`)
    await delay(Math.max(0, frozenAt + stage.scaled(60, 0) * 1000 - Date.now()))
    city.broker.thaw()
    await load.done
    await city.atRest()
    const letters = await city.look.deadLetters()
    return {
      ...(await delivered(city)),
      fired: 1,
      criteria: [
        criterion('detected ≤ 45 s', `${detectedMs} ms`, detectedMs <= 45_000),
        criterion('dead letters', letters, letters === 0),
      ],
    }
  },
}
