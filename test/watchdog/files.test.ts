import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from '@jest/globals'
import { runs, startWatchdog, until, type WatchdogProcess } from './start.ts'

let watchdog: WatchdogProcess
afterEach(() => watchdog.stop())

const pid = () => watchdog.child.pid as number
const setFiles = (most: number | string) => execFileSync('prlimit', ['--pid', `${pid()}`, `--nofile=${most}:`])
/** The first number that is free for a file. */
const free = (): number => {
  const open = readdirSync(`/proc/${pid()}/fd`).map(Number)
  return [...Array(open.length + 1).keys()].find((one) => !open.includes(one)) as number
}
const children = () =>
  readFileSync(`/proc/${pid()}/task/${pid()}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

describe('a watchdog without a file left', () => {
  it('answers 500 and lives, and so does its guard', async () => {
    watchdog = await startWatchdog({ fprocess: 'cat' })
    expect((await watchdog.call('/', { body: 'before' })).body).toBe('before')
    await until('the guard alone is there', () => children().length === 1)
    await until('there are no files for a program', async () => {
      // One for the connection of the call.
      setFiles(free() + 1)
      const { status, body } = await watchdog.call('/', { body: 'x' })
      return status === 500 && body.includes('could not be started: too many files are open')
    })
    const [guard] = children() as [number]
    // What its end frees is less than what it takes to start another one.
    setFiles(free())
    process.kill(guard, 'SIGKILL')
    await until('the guard is gone', () => !runs(guard))
    setFiles(1024)
    await until('there is another guard', () => children().length === 1 && children()[0] !== guard)
    expect((await watchdog.call('/', { body: 'after' })).body).toBe('after')
  })
})
