import { percentile } from '#test/bench/percentile.ts'
import { criterion, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { cloudEvent, devices, idOf } from '../tools/produce.ts'
import { openSite } from '../tools/site.ts'
import { countStatuses, statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'

const COPIES = 100

/** Calls without a position: the inbox marker alone tells a repeat. */
export const t14: Row = {
  id: 'T14',
  buses: ['none'],
  what: 'the same event 100 times at once',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    const town = await openTown(stage, site, { functions: [{ name: 'unruly', folder: 'test/functions/unruly' }] })
    const names = devices(stage.scaled(50, 10))
    const statuses: number[] = []
    const times: number[] = []
    const post = async (device: string) => {
      const began = performance.now()
      const { status } = await fetch(`${town.url}/function/unruly`, cloudEvent(device))
      statuses.push(status)
      times.push(performance.now() - began)
    }
    for (const device of names) await Promise.all(Array.from({ length: COPIES }, () => post(device)))
    const { counts, effects } = await count(site.database, new Set(names.map(idOf)), 'unruly')
    const p99 = percentile(times, 99)
    return {
      events: statuses.length,
      fired: statuses.length - names.length,
      redeliveries: statuses.length - names.length,
      counts,
      criteria: [
        criterion('one effect of each event', effects, effects === names.length),
        criterion(
          'all answered as done',
          statusText(countStatuses(statuses)),
          statuses.every((status) => status === 200),
        ),
        criterion('p99 < 3 s', `${Math.round(p99)} ms`, p99 < 3_000),
      ],
    }
  },
}
