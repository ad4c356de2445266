import { spawn } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'

/** Runs a program of the fault suite as `npm run faults` does; answers its exit code and what it printed. */
function faults(...args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(process.execPath, ['dist/test/faults.js', ...args])
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.on('close', (code) => resolve({ code, output }))
  })
}

describe('the fault suite', () => {
  it('sees the broken part of a control', async () => {
    const { code, output } = await faults('--control', 'once-off')
    expect(output).toMatch(/dup [1-9].*: caught, the sound part clean/)
    expect(code).toBe(0)
  }, 180_000)

  it('passes a row of sound parts', async () => {
    const { code, output } = await faults('--bus', 'postgres', '--only', 'T06')
    expect(output).toMatch(/faults fired [1-9].*lost 0, dup 0, forged 0, both 0, positions = ends/)
    expect(code).toBe(0)
  }, 180_000)
})
