import { type ChildProcess, spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { dataFolder, freePort, killProcessesOf, until } from './junction.ts'

// In a copy of the checkout: the project's own functions stay as they are.
let copy: Awaited<ReturnType<typeof dataFolder>>
beforeAll(async () => {
  copy = await dataFolder()
  expect(await node(process.cwd(), 'scripts/checkout.js', copy.path)).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await killProcessesOf(copy.path)
  await copy.remove()
})

const started = (cwd: string, args: string[]) => {
  const child: ChildProcess = spawn(process.execPath, args, { cwd, env: { ...process.env, AUTH_MODE: 'dev' } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk))
  const exited = new Promise<number | null>((done) => child.once('close', (code) => done(code)))
  return { child, output: () => output, exited }
}
const node = async (cwd: string, ...args: string[]) => {
  const { output, exited } = started(cwd, args)
  return { code: await exited, output: output() }
}
const newFunction = (...args: string[]) => node(copy.path, 'scripts/new-function.js', ...args)

const logs = (name: string) => node(copy.path, 'bin/junction', 'logs', name, '--data', join(copy.path, '.junction'))

/** What a refusal must leave as it is. */
const written = async (): Promise<[string[], string]> => [
  await readdir(join(copy.path, 'functions')),
  await readFile(join(copy.path, 'stack.yml'), 'utf8'),
]

describe('npm run new-function refuses, and writes nothing', () => {
  it.each([
    ['no name', ['--http'], 'give one name'],
    ['two names', ['a', 'b', '--http'], 'give one name'],
    ['no kind', ['mine'], 'one of --topic, --schedule and --http'],
    ['two kinds', ['mine', '--http', '--topic', 'readings'], 'one of --topic, --schedule and --http'],
    ['an unknown option', ['mine', '--topics', 'readings'], "Unknown option '--topics'"],
    ['a name that is no DNS label', ['My_Function', '--http'], 'the name "My_Function" must be a DNS label'],
    ['a name that is a path', ['../mine', '--http'], 'must be a DNS label'],
    ['a name that is taken', ['ingest', '--http'], 'the name ingest is taken'],
    ['the name of a log', ['postgres', '--http'], 'the name postgres is taken'],
    ['an unknown topic', ['mine', '--topic', 'speeds'], 'there is no topic "speeds": there are readings'],
    ['a cron that cannot be', ['mine', '--schedule', '99 * * * *'], 'the schedule "99 * * * *" cannot be read'],
    ['a cron with seconds', ['mine', '--schedule', '* * * * * *'], 'must have five fields'],
    ['an unknown time zone', ['mine', '--schedule', '@daily', '--timezone', 'Mars/Base'], 'unknown time zone'],
    ['a time zone alone', ['mine', '--http', '--timezone', 'UTC'], '--timezone goes with --schedule only'],
  ])('%s', async (_name, args, message) => {
    const before = await written()
    const { code, output } = await newFunction(...args)
    expect(output).toMatch(/^new-function: /)
    expect(output).toContain(message)
    expect(code).toBe(1)
    expect(await written()).toEqual(before)
  })
})

const post = (url: string, observedAt: string) =>
  fetch(`${url}/function/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ device: 'loop-1', observedAt, measures: { speed: 23.5 } }),
  })

describe('npm run new-function', () => {
  it('writes functions that pass the check and their tests as they are', async () => {
    const [, stack] = await written()
    expect(await newFunction('my-topic', '--topic', 'readings')).toMatchObject({ code: 0 })
    expect(await newFunction('my-clock', '--schedule', '* * * * *', '--timezone', 'Europe/Vienna')).toMatchObject({
      code: 0,
    })
    expect(await newFunction('my-api', '--http')).toMatchObject({ code: 0 })
    const [, longer] = await written()
    expect(longer.slice(0, stack.length)).toBe(stack)
    expect(await newFunction('my-api', '--http')).toMatchObject({ code: 1 })

    const check = await node(copy.path, 'scripts/check.js')
    expect(check.output).not.toContain('FAILED')
    expect(check.code).toBe(0)
    const tests = await node(copy.path, 'scripts/test.js', 'functions/my-')
    expect(tests.output).toMatch(/Test Suites: 3 passed, 3 total/)
    expect(tests.code).toBe(0)
  }, 600_000)

  it('and that react: to a reading, to the clock, to a call', async () => {
    const port = await freePort()
    const data = join(copy.path, '.junction')
    const clock = ['--from', '2026-03-02T08:00:00Z', '--speed', '60']
    const runtime = started(copy.path, ['bin/junction', 'up', '--port', String(port), '--data', data, ...clock])
    await until(`a URL in: ${runtime.output()}`, async () => runtime.output().includes('/function/city/'), 120_000)
    const url = `http://127.0.0.1:${port}`

    const greeted = async () => (await (await fetch(`${url}/function/my-api?who=Ada`)).json()) as { asOf: string }
    expect(await greeted()).toMatchObject({ greeting: 'Hello, Ada' })
    // The position from which a new consumer reads on is there a moment after the start.
    await until('my-topic tells of a reading', async () => {
      expect((await post(url, (await greeted()).asOf)).status).toBe(202)
      return /"events":\d+,"of":\["loop-1"\]/.test((await logs('my-topic')).output)
    })
    await until('my-clock tells of a tick', async () =>
      /"plannedAt":"2026-03-02T/.test((await logs('my-clock')).output),
    )

    runtime.child.kill('SIGINT')
    expect(await runtime.exited).toBe(0)
  }, 600_000)
})
