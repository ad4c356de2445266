import { percentile } from '#test/bench/percentile.ts'
import { criterion, ofSpeed, type Row } from '../row.ts'
import { ask } from '../tools/ask.ts'
import { count } from '../tools/count.ts'
import { cloudEvent, devices, idOf } from '../tools/produce.ts'
import { openSite } from '../tools/site.ts'
import { countStatuses, statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'

const COPIES = 100
/** What a machine shared with others may add. */
const NOISE_MS = 500

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
    const post = async (device: string) => {
      const began = performance.now()
      statuses.push((await ask(`${town.url}/function/unruly`, cloudEvent(device))).status)
      return performance.now() - began
    }
    const different = devices(COPIES, 'other')
    const others: number[] = []
    const times: number[] = []
    for (const device of names) {
      others.push(...(await Promise.all(different.map((other) => post(`${other}-${device}`)))))
      times.push(...(await Promise.all(different.map(() => post(device)))))
    }
    const ids = names.flatMap((device) => [device, ...different.map((other) => `${other}-${device}`)]).map(idOf)
    const { counts, effects } = await count(site.database, new Set(ids), 'unruly')
    const p99 = percentile(times, 99)
    const reference = percentile(others, 99)
    const speed = ofSpeed(
      stage,
      criterion(
        'p99 ≤ 2 × that of as many different events at once',
        `${Math.round(p99)} ms, ${Math.round(reference)} ms`,
        p99 <= 2 * Math.max(reference, NOISE_MS),
      ),
    )
    return {
      events: statuses.length,
      fired: statuses.length - ids.length,
      redeliveries: statuses.length - ids.length,
      counts,
      criteria: [
        criterion('one effect of each event', effects, effects === ids.length),
        criterion(
          'all answered as done',
          statusText(countStatuses(statuses)),
          statuses.every((status) => status === 200),
        ),
        ...speed.criteria,
      ],
      notes: [...speed.notes, { what: 'p99 < 3 s', value: p99 < 3_000 ? 'yes' : 'no, on this machine as it was' }],
    }
  },
}
