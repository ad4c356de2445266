import { spawn } from 'node:child_process'
import { until } from '#test/e2e/runtime.ts'
import { freePort } from '#test/ports.ts'
import { startLoad } from '#test/replicas/load.ts'
import { criterion, type Row, type Stage } from '../row.ts'
import { bareGround } from '../tools/site.ts'
import { statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'

const REQUESTS = 10_000

/** All wait for one start. */
export const t35: Row = {
  id: 'T35',
  buses: ['none'],
  what: '10,000 concurrent requests of a cold function',
  needs: [],
  async run(stage) {
    const town = await openTown(stage, bareGround(stage), {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', replicas: 2 }],
    })
    const reference = await bareNode(stage)
    const load = startLoad({ url: `${town.url}/function/unruly/ok`, count: REQUESTS })
    const [statuses, p99] = await Promise.all([load.statuses, load.p99])
    const { coldStarts = 0, allCrashes = 0 } = town.pools.get('unruly')?.counts() ?? {}
    return {
      events: REQUESTS,
      fired: coldStarts,
      criteria: [
        criterion('all answered 200', statusText(statuses), statuses[200] === REQUESTS),
        criterion('one cold start', coldStarts, coldStarts === 1 && allCrashes === 0),
        // On a machine that is busy with other work, bare Node.js is slow as well.
        criterion(
          'p99 ≤ 8 s, or 3 × that of bare Node.js',
          `${Math.round(p99)} ms, ${Math.round(reference)} ms`,
          p99 <= Math.max(8_000, 3 * reference),
        ),
      ],
    }
  },
}

/** The same load against a server of Node.js alone; answers its p99. */
async function bareNode(stage: Stage): Promise<number> {
  const port = await freePort()
  const child = spawn(process.execPath, ['test/bench/bare-server.js', String(port)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  stage.atEnd(() => child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}/`
  await until('bare Node.js answers', () =>
    fetch(url).then(
      () => true,
      () => false,
    ),
  )
  const p99 = await startLoad({ url, count: REQUESTS }).p99
  child.kill('SIGKILL')
  return p99
}
