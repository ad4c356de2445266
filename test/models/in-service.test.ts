import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { type ModelPlaces, type Models, openModels } from '#functions/predict-traffic/models.ts'
import { ModelError } from '#models/onnx/model-error.ts'
import { writeModelFolder } from '#models/traffic/folder.ts'
import { type Model, modelId } from '#models/traffic/model.ts'
import type { ModelFiles } from '#models/traffic/sidecar.ts'
import { keepModel, putInService } from '#models/traffic/store.ts'
import { until } from '../cli/junction.ts'
import { freshDatabase, type TestDatabase } from '../postgres.ts'
import { literalModel } from './literal.ts'

const root = mkdtempSync(join(tmpdir(), 'junction-in-service-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const segments = ['a']
const [SHIPPED, BETTER, LATER] = [0, 1, 2].map((change) => literalModel({ segments, change })) as [
  ModelFiles,
  ModelFiles,
  ModelFiles,
]
const BROKEN = { ...BETTER, statistics: `${BETTER.statistics} ` }

let db: TestDatabase
beforeAll(async () => {
  await writeModelFolder(root, SHIPPED, '')
})
/** Time stands between two looks unless a test lets it pass. */
let passed = 0
beforeEach(async () => {
  db = await freshDatabase()
  passed = 0
  // Whole, for the sums below to be exact.
  const begun = Math.round(performance.now())
  jest.spyOn(performance, 'now').mockImplementation(() => begun + passed)
})
afterEach(async () => {
  jest.restoreAllMocks()
  await db.drop()
})

/** Stands in for ONNX Runtime, which jest cannot load: it opens what is whole, and tells what happens. */
const opener = () => {
  const happened: string[] = []
  const open = async (files: ModelFiles): Promise<Model> => {
    const id = modelId(files.sidecar)
    if (files.statistics.endsWith(' ')) throw new ModelError('statistics.json has the SHA-256 of something else')
    const run = async (_x: Float32Array, rows: number) => {
      happened.push(`run ${rows}`)
      await Promise.resolve()
      return { p10: new Float32Array(), p50: new Float32Array(), p90: new Float32Array() }
    }
    return { id, run, release: async () => void happened.push(`release ${id}`) } as unknown as Model
  }
  return { open, happened }
}

const logs = () => {
  const lines: [object, string][] = []
  const log = (fields: object, text: string) => void lines.push([fields, text])
  return { lines, log: { info: log, warn: log, error: log } as unknown as ModelPlaces['log'] }
}

const current = (models: Models) => models.use(async (model) => model)

const start = async () => {
  const { open, happened } = opener()
  const { lines, log } = logs()
  const models = await openModels({ assets: root, sql: db.database, log }, open)
  const now = async () => {
    passed += 2000
    return (await current(models)).id
  }
  /** A slow machine may take more than one look. */
  const becomes = (files: ModelFiles) => until('it serves', async () => (await now()) === modelId(files.sidecar))
  return { models, now, becomes, happened, lines }
}
const put = async (files: ModelFiles | null) => {
  if (files) await keepModel(db.database, modelId(files.sidecar), files)
  await putInService(db.database, files && modelId(files.sidecar))
}
const refusedOf = async (files: ModelFiles) =>
  (
    await db.database.query<{ refused: string | null }>('select refused from model where id = $1', [
      modelId(files.sidecar),
    ])
  ).rows[0]?.refused

describe('the model in service', () => {
  it('is the one that ships until another is put there, and again after a way back', async () => {
    const { becomes } = await start()
    await becomes(SHIPPED)
    await put(BETTER)
    await becomes(BETTER)
    await put(null)
    await becomes(SHIPPED)
  })

  it('serves the first who asks, however long its opening takes', async () => {
    await put(BETTER)
    const { open } = opener()
    const slowly = async (files: ModelFiles) => {
      // Longer than the database may take to tell.
      if (modelId(files.sidecar) === modelId(BETTER.sidecar)) await sleep(1500)
      return open(files)
    }
    const models = await openModels({ assets: root, sql: db.database, log: logs().log }, slowly)
    expect((await current(models)).id).toBe(modelId(BETTER.sidecar))
  })

  it('is looked for every two seconds at most, and once for all who ask', async () => {
    const { models } = await start()
    await current(models)
    await put(BETTER)
    const query = jest.spyOn(db.database, 'query')
    expect((await current(models)).id).toBe(modelId(SHIPPED.sidecar))
    expect(query).not.toHaveBeenCalled()
    passed += 2000
    await until('it serves', async () => {
      const ids = await Promise.all([current(models), current(models)])
      return ids.every(({ id }) => id === modelId(BETTER.sidecar))
    })
    // Which one serves, and its files.
    expect(query).toHaveBeenCalledTimes(2)
  })

  it('stays where its successor does not pass, which is marked and said once', async () => {
    const { now, becomes, lines } = await start()
    await put(LATER)
    await becomes(LATER)
    await put(BROKEN)
    await until('it is refused', async () => (await now()) === modelId(LATER.sidecar) && (await refusedOf(BROKEN)))
    expect(await now()).toBe(modelId(LATER.sidecar))
    expect(await refusedOf(BROKEN)).toContain('statistics.json has the SHA-256')
    expect(lines.filter(([, text]) => text === 'a model is refused')).toHaveLength(1)
    // A process that starts now finds what served before, and does not try the broken one.
    const { becomes: later, lines: said } = await start()
    await later(LATER)
    expect(said.filter(([, text]) => text === 'a model is refused')).toEqual([])
  })

  it('would be the broken one if nothing looked at it', async () => {
    const { open } = opener()
    const unchecked = (files: ModelFiles) => open({ ...files, statistics: '' })
    const models = await openModels({ assets: root, sql: db.database, log: logs().log }, unchecked)
    await put(BROKEN)
    await until('it serves', async () => {
      passed += 2000
      return (await current(models)).id === modelId(BROKEN.sidecar)
    })
    expect(await refusedOf(BROKEN)).toBeNull()
  })

  it('goes on while the database is away', async () => {
    const { models, now, becomes, lines } = await start()
    await put(BETTER)
    await becomes(BETTER)
    jest.spyOn(db.database, 'query').mockRejectedValue(new Error('ECONNREFUSED'))
    expect(await now()).toBe(modelId(BETTER.sidecar))
    expect(lines.at(-1)?.[1]).toContain('the same goes on')
    await models.release()
  })

  it('is told at once while the database hangs, once somebody has waited for it', async () => {
    const { models, now } = await start()
    expect(await now()).toBe(modelId(SHIPPED.sidecar))
    let answers = () => {}
    const hung = new Promise<never>((_, refuse) => {
      answers = () => refuse(new Error('cut off'))
    })
    const query = jest.spyOn(db.database, 'query').mockReturnValue(hung)
    expect(await now()).toBe(modelId(SHIPPED.sidecar))
    const order: string[] = []
    const later = new Promise((over) => setImmediate(over)).then(() => order.push('later'))
    await current(models).then(() => order.push('told'))
    await later
    expect(order).toEqual(['told', 'later'])
    expect(query).toHaveBeenCalledTimes(1)
    answers()
  })

  it('is released two swaps later, once nobody works with it between two runs, and the shipped one at the end', async () => {
    const { models, becomes, happened } = await start()
    await put(BETTER)
    await becomes(BETTER)
    let go = () => {}
    const gone = new Promise<void>((over) => {
      go = over
    })
    let began = () => {}
    const begun = new Promise<void>((over) => {
      began = over
    })
    const work = models.use(async (model) => {
      began()
      await gone
      await model.run(new Float32Array(48), 1)
    })
    await begun
    await put(LATER)
    await becomes(LATER)
    await put(null)
    await becomes(SHIPPED)
    expect(happened).toEqual([])
    go()
    await work
    await until('its release', async () => happened.includes(`release ${modelId(BETTER.sidecar)}`))
    expect(happened).toEqual(['run 1', `release ${modelId(BETTER.sidecar)}`])
    await models.release()
    expect(happened.slice(2).sort()).toEqual(
      [SHIPPED, LATER].map(({ sidecar }) => `release ${modelId(sidecar)}`).sort(),
    )
  })

  it('must be whole where it ships', async () => {
    const folder = join(root, 'broken')
    await writeModelFolder(folder, BROKEN, '')
    const places = { assets: folder, sql: db.database, log: logs().log }
    await expect(openModels(places, opener().open)).rejects.toThrow(
      'the model that ships with the function is broken: ',
    )
    await expect(openModels({ ...places, assets: join(root, 'none') }, opener().open)).rejects.toThrow('ENOENT')
  })
})
