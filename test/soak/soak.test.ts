import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { ReplicaPools } from '#runtime/replicas/pools.ts'
import { keyOf } from '#runtime/stack/key.ts'
import { soakDeploys } from './deploys.ts'
import type { SoakWorld } from './world.ts'
import { soakZero } from './zero.ts'

const say = () => {}

/** Puts a program in the place of `cat` whose replica does not outlive a call. */
const dieOfCalls = async ({ root, deploy, deployments }: SoakWorld) => {
  const program = join(root, 'dies.sh')
  writeFileSync(program, 'kill -9 $PPID')
  await deploy('PUT', 'cat', { service: 'cat', envProcess: `sh ${program}` })
  await deployments.settled()
}

const left: ChildProcess[] = []
afterEach(() => {
  for (const one of left.splice(0)) one.kill('SIGKILL')
})

/** A process and a file that nobody looks after. */
const leave = ({ root }: SoakWorld) => {
  left.push(spawn('sleep', ['1000'], { stdio: 'ignore' }))
  writeFileSync(join(root, `left-${Date.now()}`), '')
}

/** Ends the old one before the new one is there. */
const endFirst = (real: ReplicaPools): ReplicaPools => ({
  ...real,
  replace: async (definition) => {
    await real.get(keyOf(definition))?.stop()
    real.open(definition)
    return { kind: 'serving' }
  },
})

/** Never ends the old one. */
const keepAll = (real: ReplicaPools): ReplicaPools => ({
  ...real,
  replace: async (definition) => {
    real.open(definition)
    return { kind: 'serving' }
  },
})

describe('deploying under load', () => {
  it('fails no request, and a broken build changes nothing', async () => {
    const seen = await soakDeploys({ count: 10, rps: 50, say })
    expect(seen).toMatchObject({
      deployments: 10,
      broken: 1,
      failed: 0,
      faults: [],
      stale: 0,
      harm: 0,
      left: [],
      last: 'a',
    })
    expect(seen.requests).toBeGreaterThan(50)
    expect(seen.readyMs).toHaveLength(10)
  })

  it('is seen to leave the old ones behind where nobody ends them (negative control)', async () => {
    const { left } = await soakDeploys({ count: 2, rps: 50, pools: keepAll, patienceMs: 1_000, say })
    expect(left.join()).toMatch(/sockets: \S+, .*processes: /)
  })

  it('is seen to fail requests where the old one ends before the new one is ready (negative control)', async () => {
    const { failed, faults } = await soakDeploys({ count: 3, rps: 50, pools: endFirst, say })
    expect(failed).toBeGreaterThan(0)
    expect(faults.join()).toContain('the runtime is stopping')
  })
})

describe('waking from zero and going back to it', () => {
  it('fails no request and leaves nothing behind', async () => {
    const seen = await soakZero({ cycles: 12, say })
    expect(seen).toMatchObject({ cycles: 12, requests: 24, failed: 0, faults: [], left: [] })
  })

  it('is seen to fail requests where a replica dies of them (negative control)', async () => {
    const { failed } = await soakZero({ cycles: 2, say, meddle: dieOfCalls })
    expect(failed).toBeGreaterThan(0)
  })

  it('is seen to leave something behind (negative control)', async () => {
    const { left: found } = await soakZero({ cycles: 5, say, patienceMs: 3_000, meddle: leave })
    expect(found.join()).toMatch(/process \d+ sleep 1000,.*file .*\/left-\d+/)
  })
})
