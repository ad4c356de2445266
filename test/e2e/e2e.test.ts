import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, describe, expect, it } from '@jest/globals'

let child: ChildProcess | undefined
afterEach(() => void child?.kill())

/** Runs the end-to-end driver in its short form, as `npm run e2e` does; answers its exit code and what it printed. */
function shortRun(...args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    let output = ''
    const run = spawn(process.execPath, ['dist/test/e2e.js', '--short', ...args])
    child = run
    for (const stream of [run.stdout, run.stderr]) stream.on('data', (chunk) => (output += chunk))
    run.on('close', (code) => resolve({ code, output }))
  })
}

describe('a day with kills, in its short form', () => {
  it('ends in the states of the oracle: nothing lost, nothing done twice', async () => {
    const { code, output } = await shortRun('--seed', '7')
    expect(output).toMatch(/redeliveries [1-9]\d*, lost 0, dup 0, forged 0/)
    expect(output).toMatch(/states \d{3,}, wrong 0; dead letters [1-9]\d*, wrong 0/)
    expect(code).toBe(0)
  }, 1_800_000)

  it.each([
    ['position-off', /dup [1-9]/],
    ['position-first', /lost [1-9]/],
  ])(
    'sees the broken part of control %s',
    async (control, seen) => {
      const { code, output } = await shortRun('--seed', '7', '--control', control)
      expect(output).toMatch(seen)
      expect(code).toBe(0)
    },
    1_800_000,
  )
})
