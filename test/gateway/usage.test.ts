import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, expect, it } from '@jest/globals'
import { usageOf } from '#runtime/replicas/usage.ts'
import { until } from './fixture.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process that holds so many MiB, and works or rests. */
const start = (code: string): number => {
  const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' })
  children.push(child)
  return child.pid as number
}
const MIB = 1024 * 1024

it('counts the memory of a process and of what it started', async () => {
  const holds = (mib: number) => `globalThis.held = Buffer.alloc(${mib} * ${MIB}, 1); setInterval(() => {}, 1000);`
  const alone = start(holds(50))
  // It ends with its parent, which is killed.
  const child = JSON.stringify(`process.on('disconnect', () => process.exit()); ${holds(200)}`)
  const options = "{ stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }"
  const parent = start(`${holds(50)} require('child_process').spawn(process.execPath, ['-e', ${child}], ${options})`)
  await until('all is held', async () => {
    const [one, two] = await Promise.all([usageOf([alone]), usageOf([parent])])
    return one.totalMemoryBytes > 50 * MIB && two.totalMemoryBytes > 250 * MIB
  })
  expect((await usageOf([alone])).totalMemoryBytes).toBeLessThan(200 * MIB)
})

it('counts the processor time of one that works, and none of what rests or is gone', async () => {
  const works = start('for (;;);')
  await until('it works', async () => (await usageOf([works])).cpu > 100)
  expect(await usageOf([])).toEqual({ cpu: 0, totalMemoryBytes: 0 })
  children[0]?.kill('SIGKILL')
  await until('it is gone', async () => (await usageOf([works])).totalMemoryBytes === 0)
})
