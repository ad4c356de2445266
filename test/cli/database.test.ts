import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { dataFolder, freePort, junction, killProcessesOf, processesOf, run, until } from './junction.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
let postgres: TestDatabase
beforeAll(async () => {
  data = await dataFolder()
  postgres = await freshDatabase({ migrated: false })
})
afterAll(async () => {
  await killProcessesOf(data.path)
  await postgres.drop()
  await data.remove()
})

const laySecret = async (password: string) => {
  await mkdir(join(data.path, 'secrets'), { recursive: true })
  await writeFile(join(data.path, 'secrets/database-password'), password, { flag: 'w' })
}
const up = async (url: string) => ['up', '--data', data.path, '--port', String(await freePort()), '--database', url]

describe('junction init', () => {
  it('makes the secrets, once, for their owner alone', async () => {
    const fresh = await dataFolder()
    const path = join(fresh.path, 'secrets/database-password')
    expect((await run(['init', '--data', fresh.path])).code).toBe(0)
    const [password, { mode }] = [await readFile(path, 'utf8'), await stat(path)]
    expect([password.trim().length, mode & 0o777]).toEqual([43, 0o400])
    await run(['init', '--data', fresh.path])
    expect(await readFile(path, 'utf8')).toBe(password)
    await fresh.remove()
  })
})

describe('junction up --database', () => {
  it('runs on a PostgreSQL of somebody else and starts none', async () => {
    await laySecret(postgres.password)
    const runtime = junction(await up(postgres.url))
    await until('the start', async () => runtime.output().includes('/function/city/'))
    const processes = await processesOf(data.path)
    const { url } = JSON.parse(await readFile(join(data.path, 'runtime.json'), 'utf8'))
    const body = JSON.stringify({ device: 'd', observedAt: new Date().toISOString(), measures: { speed: 20 } })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/function/ingest`, { method: 'POST', headers, body })
    runtime.child.kill('SIGINT')
    expect(await runtime.exited).toBe(0)
    expect(answer.status).toBe(202)
    expect(processes.filter((line) => line.includes('keeper.js'))).toEqual([])
    const { rows } = await postgres.database.query<{ n: number }>(
      `select count(*)::int as n from log where topic = 'readings'`,
    )
    expect(rows).toEqual([{ n: 1 }])
    expect(runtime.output()).not.toContain(postgres.password)
  })

  it('says what to look at where it is not let in', async () => {
    const { output, code } = await run(await up('postgres://nobody@127.0.0.1:1/city'))
    expect(output).toContain('PostgreSQL at 127.0.0.1:1/city does not let us in')
    expect(output).toContain(join(data.path, 'secrets/database-password'))
    expect(code).toBe(1)
  })

  it('takes no password in a URL', async () => {
    const { output, code } = await run(await up('postgres://me:hidden@127.0.0.1/city'))
    expect(output).toContain('it holds no password')
    expect(code).toBe(1)
  })
})
