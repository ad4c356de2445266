import { spawn } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import { CONTROLS } from './controls.ts'

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
  it.each(Object.entries(CONTROLS))(
    'sees the broken part of control %s',
    async (name, { what }) => {
      const { code, output } = await faults('--control', name)
      expect(output).toMatch(new RegExp(`${what.replace(' > 0', '')} [1-9].*: caught, the sound part clean`))
      expect(code).toBe(0)
    },
    180_000,
  )

  it('passes the same row with the sound part', async () => {
    const { code, output } = await faults('--bus', 'postgres', '--only', 'T06')
    expect(output).toMatch(/faults fired [1-9].*lost 0, dup 0, forged 0, both 0, positions = ends/)
    expect(code).toBe(0)
  }, 180_000)
})
