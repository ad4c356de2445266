import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Finding } from '#runtime/doctor/finding.ts'
import { dataFolder, freePort, junction, killProcessesOf, run, until } from './junction.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
beforeAll(async () => {
  data = await dataFolder()
})
afterAll(async () => {
  await killProcessesOf(data.path)
  await data.remove()
})

const doctor = async (...args: string[]) => {
  const { code, output } = await run(['doctor', '--json', ...args])
  const { ok, findings } = JSON.parse(output) as { ok: boolean; findings: Finding[] }
  const finding = (name: string) => findings.find((one) => one.name === name)
  return { code, ok, finding }
}
const asRoot = process.getuid?.() === 0

describe('junction doctor', () => {
  it('finds a folder and a port well, and makes nothing', async () => {
    const folder = join(data.path, 'new')
    const { code, ok, finding } = await doctor('--data', folder, '--port', String(await freePort()))
    expect({ code, ok }).toEqual({ code: 0, ok: true })
    expect(finding('data folder')).toMatchObject({ level: 'ok', text: `${folder}, made at the first start` })
    expect(finding('PostgreSQL')).toMatchObject({ level: 'ok', text: expect.stringMatching(/^\d+\.\d+/) })
    expect(finding('build')).toMatchObject({ level: 'ok', text: expect.stringContaining('ingest') })
    await expect(chmod(folder, 0o755)).rejects.toThrow('ENOENT')
  })

  it('names the holder of a port, and ends with 1', async () => {
    const server = createServer()
    const port = await new Promise<number>((done) => {
      server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port))
    })
    const { code, ok, finding } = await doctor('--data', data.path, '--port', String(port))
    server.close()
    expect({ code, ok }).toEqual({ code: 1, ok: false })
    expect(finding('port')).toMatchObject({
      level: 'fail',
      text: expect.stringContaining(`in use by pid ${process.pid}`),
      fix: expect.stringContaining('--port'),
    })
  })

  it('refuses a folder out of reach, for this user or for that of PostgreSQL', async () => {
    const closed = join(data.path, 'closed')
    await mkdir(closed, { mode: asRoot ? 0o700 : 0o500 })
    const { code, finding } = await doctor('--data', join(closed, 'data'), '--port', String(await freePort()))
    expect(code).toBe(1)
    expect(finding('data folder')).toMatchObject({
      level: 'fail',
      text: expect.stringContaining(closed),
      fix: expect.stringContaining(asRoot ? `chmod o+x ${closed}` : '--data'),
    })
    const file = join(data.path, 'file')
    await writeFile(file, '')
    await chmod(file, 0o777)
    expect((await doctor('--data', file)).finding('data folder')).toMatchObject({ level: 'fail' })
  })

  it('sees a clock that stands before what was written', async () => {
    await mkdir(join(data.path, 'logs'), { recursive: true })
    const log = join(data.path, 'logs/runtime.log')
    await writeFile(log, '')
    const tomorrow = Date.now() / 1000 + 86_400
    await utimes(log, tomorrow, tomorrow)
    expect((await doctor('--data', data.path)).finding('clock')).toMatchObject({
      level: 'fail',
      text: expect.stringContaining('before the runtime log was written'),
    })
    await utimes(log, 1, 1)
  })

  it('takes the port of a running runtime for what it is, and down stops one that is only starting', async () => {
    const port = await freePort()
    const runtime = junction(['up', '--data', data.path, '--port', String(port)])
    await until('the start', async () => runtime.output().includes('/function/city/'))
    const { code, finding } = await doctor('--data', data.path)
    expect(code).toBe(0)
    expect(finding('port')).toMatchObject({ level: 'ok', text: `${port} is that of the running runtime` })
    expect(finding('runtime')?.text).toContain(`pid ${runtime.child.pid}`)
    expect(await run(['down', '--data', data.path])).toMatchObject({ code: 0 })
    expect(await runtime.exited).toBe(0)

    const starting = junction(['up', '--data', data.path, '--port', String(port)])
    const stopped = await until('a runtime to stop', async () => {
      const tried = await run(['down', '--data', data.path])
      return tried.code === 0 && tried
    })
    expect(stopped.output).toBe(`the runtime (pid ${starting.child.pid}) has stopped\n`)
    expect(await starting.exited).toBe(0)
  })

  it('sees that a runtime was killed, and nothing takes its pid for a runtime', async () => {
    await writeFile(join(data.path, 'lock'), JSON.stringify({ pid: process.pid, command: 'somebody else' }))
    await writeFile(join(data.path, 'runtime.json'), JSON.stringify({ pid: process.pid, url: 'http://127.0.0.1:1' }))
    expect((await doctor('--data', data.path)).finding('runtime')?.text).toContain('was killed here')
    for (const command of ['down', 'status'])
      expect(await run([command, '--data', data.path])).toEqual({
        code: 1,
        output: expect.stringContaining('no runtime is running'),
      })
  })
})
