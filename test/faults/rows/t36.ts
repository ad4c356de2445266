import { criterion, type Row } from '../row.ts'
import { ask } from '../tools/ask.ts'
import { cloudEvent } from '../tools/produce.ts'
import { openSite } from '../tools/site.ts'
import { countStatuses, statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'

const AT_ONCE = 50
const CAP = 2

/** Every function of the stack and those of the tests, each asked for what it does. */
const FUNCTIONS: { folder: string; path: string; call: () => RequestInit; status: number }[] = [
  {
    folder: 'functions/ingest',
    path: '/',
    call: () => ({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ device: 'd', observedAt: new Date().toISOString(), measures: { speed: 50 } }),
    }),
    status: 202,
  },
  { folder: 'functions/city', path: '/api/traffic-status', call: () => ({}), status: 200 },
  { folder: 'functions/detect-congestion', path: '/', call: () => cloudEvent('d'), status: 200 },
  { folder: 'test/functions/unruly', path: '/', call: () => cloudEvent('d'), status: 200 },
  { folder: 'test/functions/unruly-once', path: '/ok', call: () => ({ method: 'POST' }), status: 200 },
  { folder: 'test/functions/slow', path: '/wait/1', call: () => ({}), status: 200 },
  { folder: 'test/functions/faulty', path: '/lies?n=1', call: () => ({}), status: 200 },
]

const nameOf = (folder: string) => folder.split('/').at(-1) as string

/** Machine and database are as busy as they get at a start; nobody is refused for good. */
export const t36: Row = {
  id: 'T36',
  buses: ['none'],
  what: 'cold start of every function at once',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    const town = await openTown(stage, site, {
      functions: FUNCTIONS.map(({ folder }) => ({ name: nameOf(folder), folder, replicas: CAP })),
    })
    let again = 0
    const outcome = async ({ folder, path, call, status: meant }: (typeof FUNCTIONS)[number]) => {
      const { status, tries } = await ask(`${town.url}/function/${nameOf(folder)}${path}`, call())
      again += tries - 1
      return status === meant ? 'as meant' : `${nameOf(folder)} ${status}`
    }
    const asked = FUNCTIONS.flatMap((one) => Array.from({ length: AT_ONCE }, () => one))
    const statuses = countStatuses(await Promise.all(asked.map(outcome)))
    const counts = FUNCTIONS.map(({ folder }) => town.pools.get(nameOf(folder))?.counts())
    const most = Math.max(...counts.map((one) => (one?.ready ?? 0) + (one?.starting ?? 0) + (one?.allCrashes ?? 0)))
    const cold = counts.reduce((sum, one) => sum + (one?.coldStarts ?? 0), 0)
    return {
      events: asked.length,
      fired: cold,
      criteria: [
        criterion('all answered as meant', statusText(statuses), statuses['as meant'] === asked.length),
        criterion('one cold start each', cold, cold === FUNCTIONS.length),
        criterion(`replicas of a function ≤ ${CAP}`, most, most <= CAP),
      ],
      notes: [{ what: 'told to ask again', value: again }],
    }
  },
}
