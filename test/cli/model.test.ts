import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { writeModelFolder } from '#models/traffic/folder.ts'
import { modelId } from '#models/traffic/model.ts'
import type { ModelFiles } from '#models/traffic/sidecar.ts'
import { type Literal, literalModel } from '#test/models/literal.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { run } from './junction.ts'

let db: TestDatabase
let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'junction-model-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))
beforeEach(async () => {
  db = await freshDatabase()
  writeFileSync(join(root, 'database-password'), db.password)
})
afterEach(() => db.drop())

const command = (...args: string[]) =>
  run(['model', ...args, '--functions', join(root, 'none.json')], { DATABASE_URL: db.url, SECRETS_DIR: root })
const json = async (...args: string[]) => JSON.parse((await command(...args, '--json')).output)

const segments = ['a', 'b']
const folderOf = async (files: ModelFiles): Promise<string> => {
  const folder = mkdtempSync(join(root, 'model-'))
  await writeModelFolder(folder, files, '# by hand\n')
  return folder
}
const made = async (literal: Partial<Literal> = {}, over: Parameters<typeof literalModel>[1] = {}) => {
  const files = literalModel({ segments, ...literal }, over)
  return { id: modelId(files.sidecar), folder: await folderOf(files) }
}
const use = (folder: string) => command('use', folder)

const addSegments = () => db.database.query(`insert into segment (segment) select unnest(array['a', 'b'])`)
/** So many hours of windows, a at 50 km/h and b at 33.25: the newest speed goes on. */
const addStates = (hours: number) =>
  db.database.query(
    `insert into window_state (segment, "window", window_end, n, speed, level, confidence, open, rev)
     select segment, at, at + interval '5 min', 1, speed, 'free', 1, false, 1
     from (values ('a', 50), ('b', 33.25)) road (segment, speed),
       generate_series(timestamptz '2026-03-10T00:00Z' - $1 * interval '1 h', '2026-03-10T00:00Z', '5 min') at`,
    [hours],
  )
/** All that a refusal must leave as it was. */
const kept = async () =>
  (
    await db.database.query(
      'select (select count(*)::int from model) as models, (select count(*)::int from model_use) as uses',
    )
  ).rows[0]

describe('junction model', () => {
  it('puts one in service that is no worse on the last day, and goes back', async () => {
    await addSegments()
    await addStates(27)
    const [worse, better] = [await made({ change: -2 }), await made({ change: 1 })]
    // Persistence is exact on such a day, so what serves must be worse than it to be beaten.
    await db.database.query('insert into model (id, onnx, sidecar, statistics, golden) values ($1, $2, $3, $4, $5)', [
      worse.id,
      ...Object.values(literalModel({ segments, change: -2 })),
    ])
    await db.database.query('insert into model_use (model) values ($1)', [worse.id])

    const said = await use(better.folder)
    expect(said.output).toContain('the city knows 2 of its 2 segments')
    expect(said.output).toMatch(/^this model +1\.00 +1\.00 +1\.00 +1\.00 +1\.00$/m)
    expect(said.output).toMatch(new RegExp(`^${worse.id.slice(0, 12)} +2\\.00 +2\\.00 +2\\.00 +2\\.00 +2\\.00$`, 'm'))
    expect(said.output).toMatch(/^newest speed +0\.00/m)
    expect(said.output).toContain(`${better.id.slice(0, 12)} is in service in the place of ${worse.id.slice(0, 12)}`)
    expect(said.code).toBe(0)
    expect((await use(better.folder)).output).toContain('is in service already')

    const refused = await use(worse.folder)
    expect(refused).toMatchObject({
      code: 1,
      output: expect.stringContaining('refused: on the last day it is off by 2.000'),
    })
    expect(await kept()).toEqual({ models: 2, uses: 2 })

    const listed = await json('ls')
    expect(listed).toMatchObject([
      { id: better.id, serves: true, trainedOn: 'by hand', validationMae: [4, 5, 6, 7], refused: null },
      { id: worse.id, serves: false },
      { id: null, serves: false },
    ])
    expect((await command('ls')).output).toMatch(
      /serves .* by hand +2026-03-09 +4\.00 \/ 5\.00 \/ 6\.00 \/ 7\.00 km\/h at 15\/30\/45\/60 min/,
    )

    expect((await command('rollback')).output).toContain(`${worse.id.slice(0, 12)} is in service in the place of`)
    expect((await command('rollback')).output).toContain(
      `${better.id.slice(0, 12)} is in service in the place of ${worse.id.slice(0, 12)}`,
    )
    expect((await run(['model', 'rollback', '--help'])).output).toMatch(/once more, to the one that was\s+left/)
    expect((await command('rollback')).output).toContain(`${worse.id.slice(0, 12)} is in service in the place of`)
    expect((await command('use', 'shipped')).output).toContain('shipped is in service in the place of')
    expect((await json('ls')).find(({ serves }: { serves: boolean }) => serves)).toMatchObject({ id: null })
    expect((await command('rollback')).output).toContain(
      `${worse.id.slice(0, 12)} is in service in the place of shipped`,
    )
  })

  it('takes none that is broken, of another city, of other windows, or that answers NaN', async () => {
    await addSegments()
    await addStates(27)
    const sidecar = JSON.parse(literalModel({ segments }).sidecar)
    const wrongHash = { over: { onnx: { ...sidecar.onnx, sha256: 'f'.repeat(64) } } }
    const refusals: [Awaited<ReturnType<typeof made>>, string][] = [
      [await made({}, wrongHash), 'model.onnx has the SHA-256'],
      [await made({}, { onnx: new Uint8Array(3000) }), 'model.onnx is no ONNX file'],
      [await made({ segments: ['a', 'c', 'd'] }), 'the city knows 1 of its 3 segments'],
      [await made({}, { over: { measure: 'count', unit: 'C62' } }), 'it forecasts count in C62'],
      [await made({ poison: 33 }), 'it answers NaN to'],
      [await made({ change: 3 }), 'on the last day it is off by 3.000 km/h, and the newest speed itself by 0.000'],
    ]
    const said = await Promise.all(refusals.map(([{ folder }]) => use(folder)))
    expect(said).toEqual(
      refusals.map(([, reason]) => ({ code: 1, output: expect.stringContaining(`refused: ${reason}`) })),
    )
    await db.database.query(`update window_state set window_end = "window" + interval '10 min'`)
    expect((await use((await made()).folder)).output).toContain('steps of 5 min; the windows of the city have 10 min')
    expect(await kept()).toEqual({ models: 0, uses: 0 })
    expect(await json('use', join(root, 'nowhere'))).toEqual({ used: false, why: expect.stringContaining('ENOENT') })
  })

  it('goes by the day a model was chosen on where the city has no day of its own', async () => {
    expect((await use((await made()).folder)).output).toContain('refused: the city knows 0 of its 2 segments')
    await addSegments()
    await addStates(3)
    const { validation } = JSON.parse(literalModel({ segments }).sidecar)
    const boast = { ...validation, model: { mae: [9, 9, 9, 9], rmse: [9, 9, 9, 9] } }
    const poor = await use((await made({}, { over: { validation: boast } })).folder)
    expect(poor.output).toContain('refused: on the day it was chosen on it is off by 9.000, persistence by 5.500')
    const good = await use((await made({ change: 3 })).folder)
    expect(good.output).toContain('too little of a day to compare on')
    expect(good.code).toBe(0)
    expect(await kept()).toEqual({ models: 1, uses: 1 })
  })

  it('says why the function refused one, and where there is no way back', async () => {
    const none = await command('rollback')
    expect(none).toMatchObject({ code: 1, output: expect.stringContaining('there is no way back') })
    const shipped = await use('dist/functions/predict-traffic/assets/model')
    expect(shipped).toEqual({ code: 0, output: 'shipped is in service already\n' })
    await addSegments()
    const { id, folder } = await made()
    await use(folder)
    await db.database.query(`update model set refused = 'golden.json: p10 of row 0'`)
    expect((await command('ls')).output).toContain(`${id.slice(0, 12)} was refused: golden.json: p10 of row 0`)
    expect((await json('ls')).find(({ serves }: { serves: boolean }) => serves)).toMatchObject({ id: null })
    await use(folder)
    expect((await json('ls'))[0]).toMatchObject({ id, serves: true, refused: null })
  })
})
