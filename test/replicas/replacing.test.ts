import { existsSync, readdirSync } from 'node:fs'
import { afterEach, describe, expect, it } from '@jest/globals'
import { processInfo } from '#runtime/embedded/process-info.ts'
import type { StackFunction } from '#runtime/stack/types.ts'
import {
  type Fixture,
  type FixtureOptions,
  functionSource,
  onceThereIs,
  startFixture,
  until,
} from '../gateway/fixture.ts'
import { startLoad } from './load.ts'

/** Answers its version; what is asked to wait does so until the file is there that it names. */
const version = (text: string) =>
  functionSource(`(request, response) => {
    const file = new URL(request.url, 'http://f').searchParams.get('until')
    request.resume()
    const answer = () => !file || fs.existsSync(file) ? response.end('${text}') : setTimeout(answer, 5)
    request.on('end', answer)
  }`)
/** A program that knows of no drain: it dies of SIGTERM with whatever it has in flight. */
const rude = (text: string) => `${version(text)}
process.removeAllListeners('SIGTERM')
const listen = server.listeners('request')[0]
server.removeAllListeners('request').on('request', (request, response) =>
  request.url === '/_/ready' ? response.end('ok') : setTimeout(listen, 20, request, response))`
const streams = functionSource(`(request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write('data: one\\n\\n')
  process.once('SIGTERM', () => response.end('retry: 1\\n\\n'))
}`)
const brokenStart = `console.error('cannot start'); process.exit(3)`
const never = `setInterval(() => {}, 1000); process.on('disconnect', () => process.exit())`
const deaf = `require('node:fs').appendFileSync(process.env.STARTS, process.pid + '\\n'); process.on('SIGTERM', () => {}); ${never}`

let fixture: Fixture
const start = async (options: Partial<FixtureOptions> = {}) => {
  const functions = { one: version('one'), two: version('two'), three: version('three'), ...options.functions }
  fixture = await startFixture({
    ...options,
    functions: {
      ...functions,
      gated: onceThereIs('go', version('gated')),
      brokenStart,
      never,
      deaf,
      streams,
      rude: rude('rude'),
      ruder: rude('ruder'),
    },
  })
  await deploy('one')
}
afterEach(async () => {
  const pids = fixture.starts()
  await fixture.stop()
  expect(fixture.errors).toEqual([])
  expect(existsSync(fixture.socketDir)).toBe(false)
  for (const pid of pids) expect(await processInfo(pid)).toBeUndefined()
})

const f = (program: string, overrides: Partial<StackFunction> = {}): StackFunction => ({
  ...(fixture.deployments.get('one') as StackFunction),
  ...{ name: 'f', program: { kind: 'built', folder: `./functions/${program}` } },
  ...overrides,
})
const deploy = async (program: string, overrides: Partial<StackFunction> = {}) => {
  await fixture.deployments.apply(f(program, overrides))
  await fixture.deployments.settled()
}
const call = async (query = '', name = 'f') => {
  const response = await fetch(`${fixture.gateway.url}/function/${name}${query}`, { method: 'POST', body: 'x' })
  return response.status === 200 ? await response.text() : response.status
}
const sockets = () => readdirSync(fixture.socketDir)
const state = () => fixture.deployments.state('f')
const noneOf = (pids: number[]) => async () =>
  (await Promise.all(pids.map(processInfo))).every((one) => one === undefined)

describe('a new revision', () => {
  it('takes over under load without a failed request, ten times', async () => {
    await start()
    const load = startLoad({ url: `${fixture.gateway.url}/function/f`, perSecond: 100 })
    await until('calls come', () => fixture.gateway.metrics.invocations('f') > 0)
    for (let round = 0; round < 10; round++) {
      const program = ['rude', 'two', 'ruder', 'three'][round % 4] as string
      await deploy(program)
      expect(await call()).toBe(program)
    }
    load.end()
    expect(Object.keys(await load.statuses)).toEqual(['200'])
    expect(state()).toMatchObject({ revision: 11, serving: 11, rollout: 'settled' })
    await until('one process left', () => sockets().length === 1)
  })

  it('is asked only when it is ready: the old one answers until then', async () => {
    await start()
    await fixture.deployments.apply(f('gated'))
    expect(state()).toMatchObject({ revision: 2, serving: 1, rollout: 'rolling' })
    expect(await call()).toBe('one')
    fixture.write('go')
    await fixture.deployments.settled()
    expect(await call()).toBe('gated')
  })

  const firing = { alerts: [{ status: 'firing', labels: { function_name: 'f' } }] }
  it.each([
    [0, 'scale-function/f', { replicas: 0 }],
    [3, 'scale-function/f', { replicas: 3 }],
    [2, 'alert', firing],
  ])('has the %d replicas that were asked for while it started, by %s', async (replicas, path, body) => {
    await start()
    const scale = { min: 0, max: 4 }
    await deploy('two', { scale })
    await fixture.deployments.apply(f('gated', { scale }))
    const url = `${fixture.gateway.url}/system/${path}`
    expect((await fetch(url, { method: 'POST', body: JSON.stringify(body) })).ok).toBe(true)
    await until('the old one has so many', () => fixture.pools.get('f')?.counts().ready === replicas)
    fixture.write('go')
    await fixture.deployments.settled()
    await until('the new one has so many, and nobody else', () => {
      const { ready, starting } = fixture.pools.get('f')?.counts() ?? {}
      return ready === replicas && starting === 0 && sockets().length === replicas
    })
    expect(await call()).toBe('gated')
  })

  it('leaves the first of all with what was asked while that one started', async () => {
    await start()
    await fixture.deployments.remove('f')
    const scale = { min: 0, max: 4 }
    await fixture.deployments.apply(f('gated', { scale }))
    const url = `${fixture.gateway.url}/system/scale-function/f`
    expect((await fetch(url, { method: 'POST', body: '{"replicas":3}' })).status).toBe(202)
    await fixture.deployments.apply(f('brokenStart', { scale }))
    fixture.write('go')
    await fixture.deployments.settled()
    await until('three of it serve', () => fixture.pools.get('f')?.counts().ready === 3)
    expect([state()?.rollout, await call()]).toEqual(['failed', 'gated'])
  })

  it.each([
    ['ends at its start', 'brokenStart', /it ended 3 times before it was ready \(exit code 3\)/, 60_000],
    ['is never ready', 'never', /it was not ready within 8 s/, 8_000],
  ])('that %s leaves the old one serving, and says why', async (_, program, why, startMs) => {
    await start({ limits: { startMs } })
    await deploy(program)
    expect(state()).toMatchObject({ revision: 2, serving: 1, rollout: 'failed', fault: expect.stringMatching(why) })
    expect(await call()).toBe('one')
    await deploy('three')
    expect(await call()).toBe('three')
    await until('one process left', () => sockets().length === 1)
  })

  it('that is the first and broken is tried again by calls alone', async () => {
    await start({ limits: { freeCrashes: 1, firstPauseMs: 10, maxPauseMs: 10, maxWaitMs: 1_000 } })
    await fixture.deployments.remove('f')
    await deploy('brokenStart')
    expect(state()).toMatchObject({ revision: 1, serving: 1, rollout: 'failed' })
    const ends = () => fixture.changes.filter((line) => /^f: replica .* ended \(exit code 3\)/.test(line)).length
    await until('none starts any more', () => fixture.pools.get('f')?.counts().starting === 0)
    const before = ends()
    // A hundred pauses would pass in the start of another.
    await fixture.deployments.apply(f('two', { name: 'g' }))
    await fixture.deployments.settled()
    expect(ends()).toBe(before)
    expect(await call()).toBe(504)
    await until('another has ended', () => ends() > before)
  })

  it('that cannot even be spawned leaves the old one serving', async () => {
    await start()
    await deploy('two', { environment: { TOO_LONG: 'x'.repeat(2 ** 18) } })
    expect(state()).toMatchObject({ rollout: 'failed', fault: expect.stringContaining('E2BIG') })
    expect(await call()).toBe('one')
  })

  it('replaces what is scaled to zero, and a broken one then leaves what can be woken', async () => {
    await start({ idleMs: 20 })
    const cold = () => until('cold', () => sockets().length === 0)
    await cold()
    await deploy('two')
    await cold()
    await deploy('brokenStart')
    await cold()
    expect(await call()).toBe('two')
  })

  it('lets a call that is in flight in the old one end, as long as it takes', async () => {
    await start()
    await deploy('rude')
    const file = `${fixture.root}/go-on`
    const held = call(`?until=${file}`)
    await until('in flight', () => fixture.pools.get('f')?.counts().inflight === 1)
    const old = fixture.starts()
    await deploy('two')
    expect(await call()).toBe('two')
    expect(await noneOf(old)()).toBe(false)
    fixture.write('go-on')
    expect(await held).toBe('rude')
    await until('the old one gone', noneOf(old))
  })

  it('ends the streams of the old one in order', async () => {
    await start()
    await deploy('streams')
    const old = fixture.starts()
    const stream = await fetch(`${fixture.gateway.url}/function/f`)
    await deploy('one')
    expect(await stream.text()).toBe('data: one\n\nretry: 1\n\n')
    await until('the old one gone', noneOf(old))
  })

  it('answers the calls that waited for the old one in vain', async () => {
    await start({ limits: { startMs: 20_000 } })
    await fixture.deployments.remove('f')
    await fixture.deployments.apply(f('never'))
    const waiting = [call(), call(), call()]
    await until('they wait', () => fixture.pools.get('f')?.counts().waiting === 3)
    await deploy('three')
    expect(await Promise.all(waiting)).toEqual(['three', 'three', 'three'])
  })

  it('is the newest of many that come at once; the others leave nothing behind', async () => {
    await start()
    const programs = ['two', 'never', 'three', 'deaf', 'brokenStart', 'two', 'three']
    await Promise.all(programs.map((program) => fixture.deployments.apply(f(program))))
    await fixture.deployments.settled()
    expect(await call()).toBe('three')
    expect(state()).toMatchObject({ revision: 8, serving: 8, rollout: 'settled' })
    await until('one process left', () => sockets().length === 1)
  })
})

describe('removing', () => {
  it('ends the calls in flight first; new ones are 404, and nothing is left', async () => {
    await start()
    const held = call(`?until=${fixture.root}/go-on`)
    await until('in flight', () => fixture.pools.get('f')?.counts().inflight === 1)
    const pids = fixture.starts()
    expect(await fixture.deployments.remove('f')).toBe(true)
    expect(await call()).toBe(404)
    fixture.write('go-on')
    expect(await held).toBe('one')
    await until('no process', noneOf(pids))
    await until('no socket', () => sockets().length === 0)
    expect(await fixture.deployments.remove('f')).toBe(false)
  })

  it('within a rollout ends both', async () => {
    await start()
    await call()
    await fixture.deployments.apply(f('deaf'))
    await until('two processes', () => fixture.starts().length === 2)
    await fixture.deployments.remove('f')
    await fixture.deployments.settled()
    expect(fixture.deployments.get('f')).toBeUndefined()
    await until('no process', noneOf(fixture.starts()))
    expect(sockets()).toEqual([])
  })

  it('and deploying again starts with a clean slate', async () => {
    await start()
    await fixture.deployments.remove('f')
    await deploy('three')
    expect(await call()).toBe('three')
    expect(state()).toMatchObject({ revision: 1, rollout: 'settled' })
  })
})

describe('the end of the runtime', () => {
  it('within a rollout leaves no process, and takes no more deployments', async () => {
    await start()
    await fixture.deployments.apply(f('deaf'))
    await until('it starts', () => fixture.starts().length === 2)
    const ended = fixture.deployments.stop()
    await expect(fixture.deployments.apply(f('three'))).rejects.toMatchObject({ status: 503 })
    await ended
  })
})

describe('sockets', () => {
  it('never collide, however alike two names are', async () => {
    await start()
    const names = ['a-name-of-twenty-char-one', 'a-name-of-twenty-char-two']
    for (const [i, name] of names.entries()) await fixture.deployments.apply(f(i === 0 ? 'one' : 'three', { name }))
    await fixture.deployments.settled()
    expect(await Promise.all(names.map((name) => call('', name)))).toEqual(['one', 'three'])
  })
})
