import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { createCpuTime } from '#runtime/scaling/cpu.ts'

const BURN = 'while (process.cpuUsage().user < 400_000);'
const CHILD = `spawnSync(process.execPath, ['-e', ${JSON.stringify(BURN)}])`
const PARENT = `const { spawnSync } = require('node:child_process'); ${CHILD}; console.log('done'); setInterval(() => {}, 1000)`

describe('processor time', () => {
  // There is /proc on Linux alone: elsewhere a deployment that asks for it is refused.
  if (process.platform !== 'linux') return
  it('is that of a process and its children, and is kept when they are gone', async () => {
    const parent = spawn(process.execPath, ['-e', PARENT])
    const pids = [parent.pid as number]
    const cpuTime = createCpuTime()
    expect(cpuTime(pids)).toBe(0)
    await once(parent.stdout, 'data')
    const used = cpuTime(pids)
    expect(used).toBeGreaterThan(100)
    parent.kill()
    await once(parent, 'exit')
    expect(cpuTime(pids)).toBeGreaterThanOrEqual(used)
  })
})
