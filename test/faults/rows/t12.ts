import { setTimeout as delay } from 'node:timers/promises'
import { alive } from '#test/e2e/processes.ts'
import { until } from '#test/e2e/runtime.ts'
import { countingIn } from '../city/stack.ts'
import { criterion, type Row } from '../row.ts'

/** The gateway dies under load from outside, with all replicas below it. */
export const t12: Row = {
  id: 'T12',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'gateway SIGKILLed and restarted under load',
  needs: [],
  async run(stage) {
    const ingest = { name: 'ingest', folder: 'functions/ingest' }
    const city = await stage.city({ functions: [countingIn('counting'), ingest] })
    const answers: { status: number; began: number; ended: number }[] = []
    const outages: { from: number; to: number }[] = []
    const load = city.generator.send({
      events: stage.events,
      perSecond: stage.scaled(200, 150),
      post: { url: `${city.gatewayUrl}/function/ingest`, onAnswer: (answer) => void answers.push(answer) },
    })
    const kills = stage.scaled(5, 2)
    let orphans = 0
    for (let fired = 0; fired < kills; fired++) {
      await load.reached((fired + 1) / (kills + 1))
      const family = city.gateway.family()
      const from = Date.now()
      await city.gateway.kill()
      const left = () => family.filter(({ pid }) => alive(pid))
      await until('the replicas are gone', async () => left().length === 0, 20_000).catch(() => {
        orphans += left().length
      })
      await delay(500)
      await city.gateway.start()
      outages.push({ from, to: Date.now() })
      stage.say(`${fired + 1} of ${kills} kills, away for ${Date.now() - from} ms`)
    }
    await load.done
    await city.atRest()
    const during = ({ began, ended }: { began: number; ended: number }) =>
      outages.some(({ from, to }) => ended >= from && began <= to)
    const bad = answers.filter(({ status }) => status < 200 || status > 299)
    const outside = bad.filter((answer) => !during(answer))
    return {
      events: city.generator.count(),
      fired: kills,
      redeliveries: city.orders.redeliveries(),
      counts: await city.counts({ once: false }),
      criteria: [
        criterion('refused or unanswered during outages', bad.length - outside.length, bad.length > outside.length),
        criterion('non-2xx beside outages', outside.length, outside.length === 0),
        criterion('orphans', orphans, orphans === 0),
      ],
    }
  },
}
