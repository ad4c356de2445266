import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { writeModelFolder } from '#models/traffic/folder.ts'
import { modelId } from '#models/traffic/model.ts'
import type { ModelFiles } from '#models/traffic/sidecar.ts'
import { keepModel, putInService } from '#models/traffic/store.ts'
import { type Database, openDatabase } from '#shared/state/database.ts'
import { transaction } from '#shared/state/transaction.ts'
import { dataFolder, freePort, type Junction, junction, killProcessesOf, run, until } from '#test/cli/junction.ts'
import { BAD, GOOD } from './bad.ts'
import { literalModel } from './literal.ts'

let data: Awaited<ReturnType<typeof dataFolder>>
let runtime: Junction
let base: string
let database: Database
beforeAll(async () => {
  data = await dataFolder()
  const port = await freePort()
  base = `http://127.0.0.1:${port}`
  runtime = junction(['up', '--data', data.path, '--port', `${port}`, '--from', '2026-03-10T08:00:00Z', '--speed', '0'])
  await until('the start', async () => runtime.output().includes('/function/city/'))
  const { databaseUrl: url } = JSON.parse(await readFile(join(data.path, 'runtime.json'), 'utf8'))
  const password = (await readFile(join(data.path, 'secrets/database-password'), 'utf8')).trim()
  database = openDatabase({ url, password, max: 2, name: 'test' })
})
afterAll(async () => {
  runtime.child.kill('SIGINT')
  await runtime.exited
  await killProcessesOf(data.path)
  await data.remove()
  await database.close()
})

/** Asks for a forecast of an hour at this speed. */
const ask = async (speed: number) => {
  const series = [{ segment: 'a', until: '2026-03-10T07:55:00Z', values: Array(12).fill(speed) }]
  const response = await fetch(`${base}/function/predict-traffic`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ series }),
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`)
  const { model, forecasts } = JSON.parse(text)
  return { model, text, ...forecasts[0] }
}
const serving = async () => (await ask(50)).model

/** Calls without a pause until it is ended; gives how many, and those that failed. */
const load = () => {
  let over = false
  let calls = 0
  const failed: string[] = []
  const ended = (async () => {
    // One that nobody has ended any more ends with its city.
    while (!over && failed.length < 1_000) {
      calls += 1
      await ask(50).catch((error: Error) => void failed.push(error.message))
    }
  })()
  return async () => {
    over = true
    await ended
    return { calls, failed }
  }
}

const put = (...models: [string, ModelFiles][]) =>
  transaction(database, async (sql) => {
    for (const [id, files] of models) {
      await keepModel(sql, id, files)
      await putInService(sql, id)
    }
  })
const whole = (files: ModelFiles): [string, ModelFiles] => [modelId(files.sidecar), files]

describe('a city whose model is changed while it is asked', () => {
  it('has every broken one refused with its reason, and not a call failed', async () => {
    await put(whole(GOOD))
    const [good] = whole(GOOD)
    await until('the good one', async () => (await serving()) === good)

    const end = load()
    const huge = { ...GOOD, onnx: new Uint8Array(17 * 2 ** 20) }
    const all: [string, ModelFiles, string][] = [
      ...BAD,
      ['of 17 MiB', huge, 'model.onnx has 16777217 bytes; 16777216 is the most'],
      ['that is another than it is called', literalModel({ segments: ['a'] }), 'model.json has the SHA-256'],
    ]
    const named = all.map(([what, files, reason]) => ({
      id: createHash('sha256').update(what).digest('hex'),
      files,
      reason,
    }))
    await put(...named.map(({ id, files }): [string, ModelFiles] => [id, files]))
    const refused = await until('all of them refused', async () => {
      const { rows } = await database.query<{ id: string; refused: string }>(
        'select id, refused from model where refused is not null',
      )
      return rows.length === named.length && new Map(rows.map((row) => [row.id, row.refused]))
    })
    const { calls, failed } = await end()
    expect(named.map(({ id }) => refused.get(id))).toEqual(named.map(({ reason }) => expect.stringContaining(reason)))
    expect(failed).toEqual([])
    expect(calls).toBeGreaterThan(0)
    expect(await serving()).toBe(good)
  })

  it('takes a good one at the next look, and no call fails on the way', async () => {
    const [id, files] = whole(literalModel({ segments: ['a', 'b'], change: -2 }))
    const end = load()
    await put([id, files])
    await until('the new one', async () => (await serving()) === id)
    expect((await ask(50)).points.map(({ p50 }: { p50: number }) => p50)).toEqual([48, 48, 48, 48])
    expect(await end()).toMatchObject({ failed: [] })
  })

  it('falls back for a row that comes out as no number, which nobody sees', async () => {
    const [id, files] = whole(literalModel({ segments: ['a', 'b'], poison: 33 }))
    await put([id, files])
    await until('the one that is poisoned', async () => (await serving()) === id)
    expect((await ask(34)).source).toBe('model')
    const { source, points, text } = await ask(33)
    expect(source).toBe('profile')
    expect(points.map(({ p50 }: { p50: number }) => p50)).toEqual([55, 55, 55, 55])
    expect(text).not.toContain('NaN')
  })

  it('keeps its model where the command is given a broken one', async () => {
    const before = await serving()
    const folder = join(data.path, 'broken')
    await writeModelFolder(folder, { ...GOOD, onnx: GOOD.onnx.subarray(0, 700) }, '')
    const { code, output } = await run(['model', 'use', folder, '--data', data.path])
    expect(output).toContain('refused: model.onnx has the SHA-256')
    expect(code).toBe(1)
    expect((await run(['model', 'rollback', '--data', data.path])).code).toBe(0)
    await until('the one before', async () => (await serving()) !== before)
  })
})
