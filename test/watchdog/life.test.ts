import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { processesOf } from '../cli/junction.ts'
import { program, runs, startWatchdog, until, type WatchdogProcess } from './start.ts'

let watchdog: WatchdogProcess
afterEach(() => watchdog.stop())

/** A function that writes its pid and that of a child of its own, then waits for the file `go`. */
const startWaiting = async (env: Record<string, string> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'junction-watchdog-'))
  const source = `#!/bin/sh
cd "$(dirname "$0")"
sleep 1000 >/dev/null 2>&1 & echo $$ $! >> pids
while ! [ -e go ]; do sleep 0.01; done
echo done
`
  watchdog = await startWatchdog({ fprocess: program(folder, 'f', source), ...env }, { folder })
}

const pids = (): number[] => {
  try {
    return readFileSync(join(watchdog.folder, 'pids'), 'utf8').split(/\s+/).filter(Boolean).map(Number)
  } catch {
    return []
  }
}
const go = () => program(watchdog.folder, 'go', '')

describe('health', () => {
  it('is asked for by GET alone', async () => {
    watchdog = await startWatchdog({ fprocess: 'cat' })
    const health = await watchdog.call('/_/health')
    expect([health.status, health.body]).toEqual([200, 'OK'])
    expect((await watchdog.call('/_/health', { method: 'POST' })).status).toBe(405)
  })

  it('asks the program for ready_path', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'junction-watchdog-'))
    const source =
      '#!/bin/sh\n[ "$Http_Path" = /is-ready ] && [ "$Http_Method" = GET ] && [ -e "$(dirname "$0")/go" ]\n'
    const env = { fprocess: program(folder, 'f', source), ready_path: '/is-ready' }
    watchdog = await startWatchdog(env, { folder, ready: false })
    await until('it listens', async () => (await watchdog.call('/_/health').catch(() => undefined))?.status === 200)
    expect((await watchdog.call('/_/ready')).status).toBe(500)
    go()
    expect((await watchdog.call('/_/ready')).status).toBe(200)
  })
})

describe('max_inflight', () => {
  it('refuses what is too much, with health and without readiness', async () => {
    await startWaiting({ max_inflight: '2' })
    const calls = [watchdog.call(), watchdog.call()]
    await until('both run', () => pids().length === 4)
    const refused = await watchdog.call()
    expect([refused.status, refused.headers['x-openfaas-internal'], refused.body]).toEqual([
      429,
      'faas-middleware',
      'Concurrent request limit exceeded. Max concurrent requests: 2\n',
    ])
    expect((await watchdog.call('/_/health')).status).toBe(200)
    expect((await watchdog.call('/_/ready')).status).toBe(429)
    go()
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 200])
    expect((await watchdog.call()).status).toBe(200)
  })
})

describe('SIGTERM', () => {
  it('lets calls in flight end, and takes late ones meanwhile', async () => {
    await startWaiting()
    const call = watchdog.call()
    await until('it runs', () => pids().length === 2)
    watchdog.child.kill('SIGTERM')
    await until('it is not healthy', async () => (await watchdog.call('/_/health')).status === 503)
    expect((await watchdog.call('/_/ready')).status).toBe(503)
    const late = watchdog.call()
    await until('the late one runs', () => pids().length === 4)
    go()
    expect((await Promise.all([call, late])).map(({ status, body, broken }) => [status, body, broken])).toEqual([
      [200, 'done\n', false],
      [200, 'done\n', false],
    ])
    expect(await watchdog.exited).toBe(0)
  })

  it('ends an idle one at once', async () => {
    watchdog = await startWatchdog({ fprocess: 'cat' })
    watchdog.child.kill('SIGTERM')
    expect(await watchdog.exited).toBe(0)
  })
})

describe('no program outlives its watchdog', () => {
  it('that is killed', async () => {
    await startWaiting()
    const calls = [watchdog.call(), watchdog.call()].map((call) => call.catch(() => 'cut off'))
    await until('both run', () => pids().length === 4)
    expect(pids().every(runs)).toBe(true)
    watchdog.child.kill('SIGKILL')
    expect(await Promise.all(calls)).toEqual(['cut off', 'cut off'])
    await until('all are gone', () => !pids().some(runs))
  })

  it('that is killed at the very moment it starts one, 10 times', async () => {
    for (let round = 0; round < 10; round++) {
      if (round > 0) await watchdog.stop()
      await startWaiting()
      const calls = Array.from({ length: 5 }, () => watchdog.call().catch(() => 'cut off'))
      await until('it starts one', () => watchdog.log().includes('Forking fprocess.'))
      watchdog.child.kill('SIGKILL')
      expect(await Promise.all(calls)).toEqual(Array(5).fill('cut off'))
      // The folder is in the environment of all of them.
      await until('nobody is left', async () => (await processesOf(watchdog.folder)).length === 0)
    }
  })

  it('whose runtime is gone', async () => {
    await startWaiting()
    const call = watchdog.call().catch(() => 'cut off')
    await until('it runs', () => pids().length === 2)
    watchdog.child.disconnect()
    expect(await call).toBe('cut off')
    expect(await watchdog.exited).toBe('SIGKILL')
    await until('all are gone', () => !pids().some(runs))
  })

  it('whose guard was killed before', async () => {
    await startWaiting()
    const call = watchdog.call().catch(() => 'cut off')
    await until('it runs', () => pids().length === 2)
    const guard = () => childrenOf(watchdog.child.pid as number).find((pid) => !pids().includes(pid)) as number
    const first = guard()
    process.kill(first, 'SIGKILL')
    await until('there is another guard', () => ![first, undefined].includes(guard()))
    watchdog.child.kill('SIGKILL')
    expect(await call).toBe('cut off')
    await until('all are gone', () => !pids().some(runs))
  })

  it('nor does the guard', async () => {
    watchdog = await startWatchdog({ fprocess: 'cat' })
    const [guard] = childrenOf(watchdog.child.pid as number)
    expect(runs(guard as number)).toBe(true)
    watchdog.child.kill('SIGTERM')
    await watchdog.exited
    await until('it is gone', () => !runs(guard as number))
  })
})

describe('a watchdog that cannot start', () => {
  it.each<[Record<string, string>, string]>([
    [{}, 'fprocess is not set'],
    [{ fprocess: 'cat', mode: 'afterburn' }, 'mode is "afterburn": it must be one of streaming, serializing, http'],
    [{ fprocess: 'cat', exec_timeout: 'soon' }, 'exec_timeout is "soon"'],
    [{ fprocess: 'cat', jwt_auth: 'true' }, 'jwt_auth is not supported'],
  ])('says why: %j', async (env, why) => {
    watchdog = await startWatchdog(env, { ready: false })
    expect(await watchdog.exited).toBe(1)
    expect(watchdog.log()).toContain(why)
  })
})

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
