import { criterion, type Row } from '../row.ts'
import { openSite } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

/** Half an hour after Central Europe has put its clocks forward. */
const NOW = '2026-03-29T01:30:00.000Z'

/** What a device takes for the time, and what it is to be answered; the range is 30 days back, 5 minutes ahead. */
const CLOCKS: { what: string; observedAt: string; answer: string }[] = [
  { what: 'a year ahead', observedAt: '2027-03-29T01:30:00Z', answer: '400 time_out_of_range' },
  { what: 'ten years behind', observedAt: '2016-03-29T01:30:00Z', answer: '400 time_out_of_range' },
  { what: 'just within 30 days', observedAt: '2026-02-27T01:30:00Z', answer: '202' },
  { what: 'just beyond 30 days', observedAt: '2026-02-27T01:29:59.999Z', answer: '400 time_out_of_range' },
  { what: 'just within 5 minutes ahead', observedAt: '2026-03-29T01:35:00Z', answer: '202' },
  { what: 'just beyond 5 minutes ahead', observedAt: '2026-03-29T01:35:00.001Z', answer: '400 time_out_of_range' },
  { what: 'a wall clock before the change', observedAt: '2026-03-29T01:59:59+01:00', answer: '202' },
  { what: 'a wall clock after the change', observedAt: '2026-03-29T03:00:00+02:00', answer: '202' },
  { what: 'a wall clock that was not put forward', observedAt: '2026-03-29T02:30:00+01:00', answer: '202' },
  { what: 'no zone', observedAt: '2026-03-29T02:30:00', answer: '400 invalid' },
  { what: 'a leap day of a year without', observedAt: '2026-02-29T12:00:00Z', answer: '400 invalid' },
  { what: 'a leap day of 2024', observedAt: '2024-02-29T12:00:00Z', answer: '400 time_out_of_range' },
  { what: 'a leap second', observedAt: '2026-03-29T01:29:60Z', answer: '400 invalid' },
  { what: 'the beginning of Unix time', observedAt: '1970-01-01T00:00:00Z', answer: '400 time_out_of_range' },
]

const DEVICES = 20

/** Through the front door and on to the states: a wrong clock changes nothing but the answer to itself. */
export const t16: Row = {
  id: 'T16',
  buses: ['postgres'],
  what: 'device clock + 1 y, - 10 y, summer time, leap day and second',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    await site.database.query('insert into city_clock (city, speed) values ($1, 0)', [NOW])
    const town = await openTown(stage, site, {
      functions: [
        { name: 'ingest', folder: 'functions/ingest' },
        { name: 'detect-congestion', folder: 'functions/detect-congestion', topics: ['readings'] },
      ],
      environment: { CITY_CLOCK: 'database' },
    })
    town.connect({ clock: { now: async () => new Date(NOW) } })
    const wrong: string[] = []
    const accepted = new Set<string>()
    let refused = 0
    for (const { what, observedAt, answer } of CLOCKS) {
      const answers = await Promise.all(
        Array.from({ length: DEVICES }, async (_, i) => {
          const response = await fetch(`${town.url}/function/ingest`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ device: `d-${i}`, observedAt, measures: { speed: 50 } }),
          })
          const { code, id } = (await response.json()) as { code?: string; id?: string }
          if (id) accepted.add(id)
          return `${response.status}${code ? ` ${code}` : ''}`
        }),
      )
      refused += answers.filter((one) => one !== '202').length
      const other = answers.find((one) => one !== answer)
      if (other !== undefined) wrong.push(`${what}: ${other} instead of ${answer}`)
    }
    await atEnds(site, 'detect-congestion')
    const { rows: log } = await site.database.query<{ id: string }>(`select id from log where topic = 'readings'`)
    const { rows: outside } = await site.database.query<{ n: number }>(
      `select count(*)::int as n from window_state where "window" not between $1::timestamptz - interval '30 days 5 minutes' and $1::timestamptz + interval '5 minutes'`,
      [NOW],
    )
    const { rows: letters } = await site.database.query<{ n: number }>('select count(*)::int as n from dead_letter')
    const stored = new Set(log.map(({ id }) => id))
    return {
      events: CLOCKS.length * DEVICES,
      fired: refused,
      counts: {
        lost: [...accepted].filter((id) => !stored.has(id)).length,
        dup: log.length - stored.size,
        forged: [...stored].filter((id) => !accepted.has(id)).length,
        both: 0,
        atEnds: true,
      },
      criteria: [
        criterion('answered otherwise than meant', wrong.join('; ') || 'none', wrong.length === 0),
        criterion('windows outside the range', outside[0]?.n ?? -1, outside[0]?.n === 0),
        criterion('dead letters (a refused call writes none)', letters[0]?.n ?? -1, letters[0]?.n === 0),
      ],
    }
  },
}
