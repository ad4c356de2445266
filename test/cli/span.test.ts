import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { dataFolder, freePort, junction, killProcessesOf, run, until } from './junction.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
beforeEach(async () => {
  data = await dataFolder()
})
afterEach(async () => {
  await killProcessesOf(data.path)
  await data.remove()
})

const hour = ['--demo', '--clock', '2024-03-04T06:00:00Z', '--speed', '600', '--for', '6']

/** Lives through an hour of the town in a folder of its own; answers what it exported. */
const states = async (name: string, seed: string): Promise<string> => {
  const file = `${data.path}/${name}.json`
  const where = ['--data', `${data.path}/${name}`, '--port', String(await freePort())]
  const { code, output } = await run(['up', ...where, ...hour, '--seed', seed, '--export', file], { AUTH_MODE: 'dev' })
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('stopped in') })
  return readFile(file, 'utf8')
}

describe('junction up --for', () => {
  it('leaves the same states for the same clock, speed and seed, byte for byte, and others for another seed', async () => {
    const [one, same, other] = await Promise.all([states('one', '7'), states('same', '7'), states('other', '8')])
    expect(same === one).toBe(true)
    expect(other === one).toBe(false)
    const windows = JSON.parse(one as string) as { segment: string; windowEnd: string; speedKmh: number | null }[]
    expect(new Set(windows.map(({ segment }) => segment)).size).toBeGreaterThan(60)
    expect(windows.filter(({ speedKmh }) => speedKmh !== null).length).toBeGreaterThan(500)
    // Those that end later could still change by what is not late yet.
    expect(
      windows
        .map(({ windowEnd }) => windowEnd)
        .sort()
        .at(-1),
    ).toBe('2024-03-04T06:45:00.000Z')
  }, 300_000)

  it('exports nothing where it is stopped before', async () => {
    const file = `${data.path}/states.json`
    const where = ['--data', `${data.path}/cut`, '--port', String(await freePort())]
    const clock = ['--clock', '2024-03-04T06:00:00Z', '--speed', '60', '--for', '600']
    const runtime = junction(['up', ...where, ...clock, '--export', file])
    await until('a URL', async () => runtime.output().includes('/function/city/'))
    runtime.child.kill('SIGINT')
    expect(await runtime.exited).toBe(130)
    expect(existsSync(file)).toBe(false)
  })

  it.each([
    [['--export', 'states.json'], '--export wants to know when: give --for SECONDS, too'],
    [['--for', '5', '--export', '/nowhere/states.json'], '/nowhere/states.json cannot be written'],
    [['--for', '5', '--clock', '2024-03-04T06:00:00Z', '--speed', '0'], '--for needs a clock that runs'],
  ])('refuses %j', async (more, text) => {
    const where = ['--data', `${data.path}/refused`, '--port', String(await freePort())]
    const { code, output } = await run(['up', ...where, ...more], { AUTH_MODE: 'dev' })
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(text) })
  })
})
