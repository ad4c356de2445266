import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { Outcome } from '../replicas/pools.ts'
import type { StackFunction } from '../stack/types.ts'
import { createDeployments, openDeployed } from './deployments.ts'
import { type Change, DeploymentRefused } from './types.ts'

const folder = mkdtempSync(join(tmpdir(), 'junction-deployments-'))
afterAll(() => rmSync(folder, { recursive: true }))
let file: string
let files = 0
beforeEach(() => {
  file = join(folder, `${++files}.json`)
})

const f = (image: string, more: Partial<StackFunction> = {}): StackFunction => ({
  ...{ name: 'f', namespace: 'openfaas-fn', image, program: { kind: 'built', folder: `functions/${image}` } },
  ...{ environment: {}, secrets: [], labels: {}, annotations: {}, constraints: [], envProcess: undefined },
  ...{ limits: undefined, requests: undefined, readOnlyRootFilesystem: false, scale: { min: 0, max: 2 } },
  wiring: { topics: [], foreignTopic: undefined, schedule: undefined, batch: 1, lingerMs: 0, from: 'earliest' },
  ...more,
})

/** A runtime whose pools do as they are told; the next one on the same file is what a restart finds. */
const start = async (stack: StackFunction[] = [], at = new Date('2026-01-01T00:00:00Z')) => {
  const done: string[] = []
  const pending: { image: string; end(outcome: Outcome): void }[] = []
  const errors: Error[] = []
  const changes: Change[] = []
  const deployments = createDeployments({
    deployed: await openDeployed(file, stack, at),
    pools: {
      open: ({ image }) => {
        if (image === 'gone') throw new Error('it is gone')
        done.push(`open ${image}`)
      },
      replace: ({ image }) => {
        done.push(`replace ${image}`)
        return new Promise((end) => pending.push({ image, end }))
      },
      remove: async (key) => void done.push(`remove ${key}`),
    },
    check: ({ image }) => {
      if (image === 'bad') throw new DeploymentRefused(400, 'bad')
    },
    onError: (error) => void errors.push(error),
  })
  deployments.onChange((change) => void changes.push(change))
  const end = async (outcome: Outcome) => {
    pending.shift()?.end(outcome)
    await deployments.settled()
  }
  return {
    ...{ deployments, done, errors, changes },
    ready: () => end({ kind: 'serving' }),
    fails: () => end({ kind: 'failed', fault: 'why' }),
    superseded: () => end({ kind: 'superseded' }),
    images: () => [deployments.get('f')?.image, deployments.serving()[0]?.image],
    deploy: async (image: string) => {
      await deployments.apply(f(image))
      await end({ kind: 'serving' })
    },
  }
}

describe('a deployment', () => {
  it('is on disk when it is accepted, for its owner alone, and serves when it is ready', async () => {
    const { deployments, images, ready, changes } = await start([f('one')])
    await deployments.apply(f('two'))
    expect(readFileSync(file, 'utf8')).toContain('"image": "two"')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(images()).toEqual(['two', 'one'])
    expect(deployments.state('f')).toMatchObject({ revision: 2, serving: 1, rollout: 'rolling' })
    await ready()
    expect(images()).toEqual(['two', 'two'])
    expect(deployments.state('f')).toMatchObject({ revision: 2, serving: 2, rollout: 'settled' })
    expect(changes).toEqual([
      { key: 'f', kind: 'accepted' },
      { key: 'f', kind: 'serving' },
    ])
  })

  it('that cannot be kept is not accepted, and nothing of it is known', async () => {
    file = join(folder, 'nowhere', 'file.json')
    const { deployments, done, changes } = await start([f('one')])
    await expect(deployments.apply(f('two'))).rejects.toThrow('ENOENT')
    expect([deployments.get('f')?.image, done, changes]).toEqual(['one', ['open one'], []])
  })

  it('that is refused changes nothing, and holds up no other', async () => {
    const { deployments, done } = await start([f('one')])
    const both = [deployments.apply(f('bad')), deployments.apply(f('two'))]
    await expect(both[0]).rejects.toThrow('bad')
    await both[1]
    expect(done).toEqual(['open one', 'replace two'])
  })

  it('that never gets ready leaves the old one, and says why', async () => {
    const { deployments, images, fails } = await start([f('one')])
    await deployments.apply(f('two'))
    await fails()
    expect(images()).toEqual(['two', 'one'])
    expect(deployments.state('f')).toMatchObject({ revision: 2, serving: 1, rollout: 'failed', fault: 'why' })
  })

  it('gives way to a newer one, in the order they came, also in the same millisecond', async () => {
    const { deployments, images, done, superseded, ready } = await start([f('one')])
    await Promise.all([deployments.apply(f('two')), deployments.apply(f('three'))])
    expect(done).toEqual(['open one', 'replace two', 'replace three'])
    await Promise.all([superseded(), ready()])
    expect(images()).toEqual(['three', 'three'])
    expect(deployments.state('f')).toMatchObject({ revision: 3, serving: 3, rollout: 'settled' })
  })

  it('whose trial is over when a newer one was accepted still serves until that one does', async () => {
    const { deployments, images, ready, fails } = await start([f('one')])
    await deployments.apply(f('two'))
    await deployments.apply(f('three'))
    await Promise.all([ready(), fails()])
    expect(images()).toEqual(['three', 'two'])
    expect(deployments.state('f')).toMatchObject({ revision: 3, serving: 2, rollout: 'failed' })
  })

  it('that is removed meanwhile is gone', async () => {
    const { deployments, ready, errors } = await start()
    await deployments.apply(f('two'))
    await deployments.remove('f')
    await ready()
    expect([deployments.list(), deployments.state('f'), errors]).toEqual([[], undefined, []])
  })
})

describe('a restart', () => {
  it('goes on with what the API deployed, and with what it was rolling out', async () => {
    const before = await start([f('one')])
    await before.deploy('two')
    await before.deployments.apply(f('three'))
    // A SIGKILL: nothing more is written.
    const { done, images, ready, deployments } = await start([f('one')])
    expect(done).toEqual(['open two', 'replace three'])
    await ready()
    expect(images()).toEqual(['three', 'three'])
    expect(deployments.state('f')).toMatchObject({ revision: 3, rollout: 'settled' })
  })

  it('goes on with a first rollout that a stop cut short, which is something to go back to then', async () => {
    const before = await start()
    await before.deployments.apply(f('one'))
    await before.superseded()
    const { done, ready, deployments } = await start()
    expect(done).toEqual(['replace one'])
    await ready()
    expect(deployments.state('f')).toMatchObject({ revision: 1, serving: 1, rollout: 'settled' })
    await deployments.apply(f('two'))
    await ready()
    expect(await deployments.rollback('f')).toEqual({ from: 2, to: 1, image: 'one' })
  })

  it('does not try again what failed', async () => {
    const before = await start([f('one')])
    await before.deployments.apply(f('two'))
    await before.fails()
    const { done, deployments } = await start([f('one')])
    expect(done).toEqual(['open one'])
    expect(deployments.state('f')).toMatchObject({ revision: 2, serving: 1, rollout: 'failed', fault: 'why' })
  })

  it('after an end in order goes on with what was stopped', async () => {
    const before = await start([f('one')])
    await before.deployments.apply(f('two'))
    await before.deployments.stop()
    await before.superseded()
    expect((await start([f('one')])).done).toEqual(['open one', 'replace two'])
  })

  it('lets stack.yml have the last word once it says something else, for good', async () => {
    await (await start([f('one')])).deploy('two')
    const changed = await start([f('one', { labels: { a: 'b' } })])
    expect(changed.images()).toEqual(['one', 'one'])
    expect(changed.deployments.state('f')).toMatchObject({ revision: 3, rollout: 'settled' })
    expect((await start([f('one')])).images()).toEqual(['one', 'one'])
  })

  it('takes the same said in another order for the same', async () => {
    const environment = { A: '1', B: '2' }
    await (await start([f('one', { environment })])).deploy('two')
    const { images } = await start([f('one', { environment: { B: '2', A: '1' } })])
    expect(images()).toEqual(['two', 'two'])
  })

  it('keeps a function of stack.yml removed until stack.yml says something else of it', async () => {
    const before = await start([f('one')])
    expect(await before.deployments.remove('f')).toBe(true)
    expect((await start([f('one')])).done).toEqual([])
    expect((await start([f('two')])).done).toEqual(['open two'])
  })

  it('forgets what stack.yml no longer names, and keeps what it never named', async () => {
    const before = await start([f('one')])
    await before.deploy('two')
    await before.deployments.apply(f('other', { name: 'g' }))
    const { deployments } = await start([])
    expect(deployments.list().map(({ name }) => name)).toEqual(['g'])
    expect((await start([f('one')])).images()).toEqual(['one', 'one'])
  })

  it('starts without what cannot be run any more, and says so', async () => {
    const { done, errors, deployments } = await start([f('gone'), f('other', { name: 'g' })])
    expect([done, errors.map(({ message }) => message)]).toEqual([['open other'], ['it is gone']])
    expect(deployments.state('f')).toMatchObject({ rollout: 'failed', fault: 'it is gone' })
  })

  it('says which file is not as it was written, and what to do', async () => {
    writeFileSync(file, '{"version":1,"functions":{"f":{}}}')
    await expect(start()).rejects.toThrow(
      `${file} cannot be read: move it away to start with the functions of stack.yml alone`,
    )
  })
})

describe('a rollback', () => {
  it('goes back to what served before, step by step, and a restart keeps it', async () => {
    const { deploy, deployments, ready, images, done } = await start([f('one')])
    await deploy('two')
    await deploy('three')
    expect(await deployments.rollback('f')).toEqual({ from: 3, to: 2, image: 'two' })
    await ready()
    expect(await deployments.rollback('f')).toEqual({ from: 2, to: 1, image: 'one' })
    await ready()
    expect([images(), done.slice(-2)]).toEqual([
      ['one', 'one'],
      ['replace two', 'replace one'],
    ])
    await expect(deployments.rollback('f')).rejects.toMatchObject({ status: 409 })
    const after = await start([f('one')])
    expect(after.images()).toEqual(['one', 'one'])
    await after.deploy('four')
    expect(after.deployments.state('f')).toMatchObject({ revision: 4 })
    // Not to the newest before it, which was rolled back itself.
    expect(await after.deployments.rollback('f')).toMatchObject({ from: 4, to: 1 })
  })

  it('of what failed or is rolling out leads to what still serves, and never to what never served', async () => {
    const { deployments, deploy, fails, ready, superseded } = await start([f('one')])
    await deployments.apply(f('two'))
    await fails()
    expect(await deployments.rollback('f')).toEqual({ from: 2, to: 1, image: 'one' })
    await ready()
    expect(deployments.state('f')).toMatchObject({ revision: 1, rollout: 'settled', fault: undefined })
    await deploy('three')
    await deployments.apply(f('four'))
    expect(await deployments.rollback('f')).toEqual({ from: 4, to: 3, image: 'three' })
    await Promise.all([superseded(), ready()])
    expect(await deployments.rollback('f')).toEqual({ from: 3, to: 1, image: 'one' })
  })

  it('has ten revisions to go back to, and what serves among them', async () => {
    const { deployments, deploy, fails } = await start([f('one')])
    await deploy('two')
    for (let i = 0; i < 12; i++) {
      await deployments.apply(f(`broken${i}`))
      await fails()
    }
    expect(JSON.parse(readFileSync(file, 'utf8')).functions.f.revisions).toHaveLength(11)
    expect(await deployments.rollback('f')).toEqual({ from: 14, to: 2, image: 'two' })
  })

  it('has nothing to go back to in what was first and never got ready', async () => {
    const { deployments, deploy, fails } = await start()
    await deployments.apply(f('broken'))
    await fails()
    await deploy('two')
    await expect(deployments.rollback('f')).rejects.toMatchObject({ status: 409 })
  })

  it('of a function that is not there is a 404', async () => {
    const { deployments } = await start()
    await expect(deployments.rollback('f')).rejects.toMatchObject({ status: 404 })
  })
})
