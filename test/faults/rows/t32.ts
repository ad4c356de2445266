import { setTimeout as delay } from 'node:timers/promises'
import { criterion, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { residentMb } from '../tools/memory.ts'
import { devices, openProducer } from '../tools/produce.ts'
import { openSite } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

const BATCH = 100

/** Fewer have no quarters to compare. */
const SAMPLES = 8

/** Nothing but poison, as fast as it is buried: no memory grows with it, and the connector stays as it is. */
export const t32: Row = {
  id: 'T32',
  buses: ['postgres'],
  what: '100 % poison',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    const producer = openProducer(site)
    const town = await openTown(stage, site, {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'] }],
    })
    const connector = town.connect()
    const states = new Set<string>()
    const memory: number[] = []
    const warmUpMs = stage.scaled(60_000, 6_000)
    const forMs = stage.scaled(300_000, 8_000)
    const began = performance.now()
    let n = 0
    for (let round = 0; performance.now() - began < warmUpMs + forMs || memory.length < SAMPLES; round++) {
      await producer.append(devices(BATCH, `poison-${round}`))
      n += BATCH
      await atEnds(site)
      for (const { state } of connector.status().consumers) states.add(state)
      if (performance.now() - began > warmUpMs)
        memory.push(residentMb(town.pools.get('unruly')?.pids()[0] ?? 0) ?? Number.NaN)
      await delay(50)
    }
    const { counts, deadLetters } = await count(site.database, producer.ledger, 'unruly')
    const spread = middle(memory.slice(-memory.length / 4)) - middle(memory.slice(0, memory.length / 4))
    const alarms = town.lines.filter(({ level }) => Number(level) >= 50).length
    return {
      events: n,
      fired: deadLetters,
      counts,
      criteria: [
        criterion('as many dead letters as events', deadLetters, deadLetters === n),
        criterion(
          'memory of the function ± 50 MB, last quarter against first',
          `${spread.toFixed(1)} MB`,
          Math.abs(spread) <= 50,
        ),
        criterion('at most one alarm', alarms, alarms <= 1),
        criterion('the consumer goes on', [...states].join(), states.size === 1 && states.has('running')),
        criterion(
          'crashes',
          town.pools.get('unruly')?.counts().allCrashes ?? -1,
          town.pools.get('unruly')?.counts().allCrashes === 0,
        ),
      ],
    }
  },
}

const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
