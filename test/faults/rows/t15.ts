import { partitionOf } from '#shared/bus/partition.ts'
import type { BusEvent } from '#shared/bus/port.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { topics } from '#shared/contracts/topics.ts'
import { loadNetwork } from '#shared/state/network.ts'
import { transaction } from '#shared/state/transaction.ts'
import { openDay } from '#test/e2e/day.ts'
import { until } from '#test/e2e/runtime.ts'
import { criterion, type Row } from '../row.ts'
import { reordered } from '../tools/produce.ts'
import { openSite, type Site } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

const WINDOW = 100
const MINUTE = 60_000

/** A day of the simulated city, once in order and once out of it, with repeats; the states must be the same. */
export const t15: Row = {
  id: 'T15',
  buses: ['postgres'],
  what: 'reordered within 100 events, a tenth of them repeated',
  needs: [],
  async run(stage) {
    const day = await openDay('demo', stage.seed, 1, stage.scaled(288, 36))
    const events = day.steps.flatMap(({ readings }) => readings.map(eventOf))
    const disorder = reordered(
      events.flatMap((event) => (stage.random.next() < 0.1 ? [event, event] : [event])),
      WINDOW,
      stage.random,
    )
    const moved = disorder.filter((event, i) => event !== events[i]).length
    const site = await openSite(stage)
    await transaction(site.database, (sql) => loadNetwork(sql, day.network))
    const end = new Date(day.start.getTime() + (day.steps.length * 5 + 120) * MINUTE)
    await site.database.query('insert into city_clock (city, speed) values ($1, 0)', [end])
    const town = await openTown(stage, site, {
      functions: [
        { name: 'detect-congestion', folder: 'functions/detect-congestion', topics: ['readings'], batch: 250 },
      ],
      environment: { CITY_CLOCK: 'database' },
    })
    town.connect({ clock: { now: async () => end } })
    const bus = postgresBus(site.open(2, 'producer'))
    const live = async (some: BusEvent[]) => {
      for (let from = 0; from < some.length; from += 500) await bus.append(some.slice(from, from + 500))
      await atEnds(site, 'detect-congestion')
      // Windows after the last reading are closed by alarms.
      await until('no alarm is due', async () => (await alarmsDue(site, end)) === 0)
      return states(site)
    }
    const inOrder = await live(events)
    await site.database.query('truncate window_reading, window_state')
    const outOfOrder = await live(disorder)
    const { rows } = await site.database.query<{ n: number }>('select count(*)::int as n from dead_letter')
    const different = inOrder.filter((state, i) => state !== outOfOrder[i]).length
    return {
      events: disorder.length,
      fired: moved,
      counts: {
        lost: Math.max(0, inOrder.length - outOfOrder.length),
        dup: 0,
        forged: Math.max(0, outOfOrder.length - inOrder.length),
        both: 0,
        atEnds: true,
      },
      criteria: [
        criterion('states', inOrder.length, inOrder.length > 100),
        criterion('states that differ', different, different === 0 && inOrder.length === outOfOrder.length),
        criterion('dead letters', rows[0]?.n ?? -1, rows[0]?.n === 0),
      ],
    }
  },
}

interface Sent {
  device: string
  observedAt: string
  seq?: number
  measures: Record<string, number>
}

/** As `ingest` accepts it, a minute after its observation. */
function eventOf({ device, observedAt, seq, measures }: Sent): BusEvent {
  const at = new Date(observedAt)
  const reading = {
    device,
    observedAt: at.toISOString(),
    ...(seq === undefined ? {} : { seq }),
    measures,
    receivedAt: new Date(at.getTime() + MINUTE).toISOString(),
    quality: { flags: [], confidence: 1 },
  }
  return {
    topic: 'readings',
    partition: partitionOf(device, topics.readings.partitions),
    key: device,
    id: `${device}@${reading.observedAt}`,
    type: topics.readings.type,
    attributes: { source: '/function/ingest' },
    data: Buffer.from(JSON.stringify(reading)),
  }
}

async function alarmsDue(site: Site, cityTime: Date): Promise<number> {
  const { rows } = await site.database.query<{ n: number }>('select count(*)::int as n from alarm where at <= $1', [
    cityTime,
  ])
  return rows[0]?.n ?? 0
}

async function states(site: Site): Promise<string[]> {
  const { rows } = await site.database.query<{ state: string }>(
    `select concat_ws(' ', segment, "window", n, level, speed, free_flow_kmh, ratio, confidence, observed_at) as state
     from window_state order by segment, "window"`,
  )
  return rows.map(({ state }) => state)
}
