import { ModelError } from '#models/onnx/model-error.ts'
import { readCityDay } from '#models/traffic/city-day.ts'
import { readModelFolder } from '#models/traffic/folder.ts'
import { modelId, openModel } from '#models/traffic/model.ts'
import { keepModel, putInService, readInService } from '#models/traffic/store.ts'
import type { Trial } from '#models/traffic/trial.ts'
import type { Database } from '#shared/state/database.ts'
import { transaction } from '#shared/state/transaction.ts'
import { findDeployed, type Place } from './beside.ts'
import { shortId } from './model.ts'
import { checkSegments, checkSpeed, compare, kmhOf } from './model-checks.ts'
import type { Output } from './output.ts'
import { readShipped } from './shipped-model.ts'

/** Puts a model in service where it passes every check; one that does not changes nothing. */
export const modelUse = async (dir: string, place: Place, output: Output): Promise<void> => {
  const deployed = await findDeployed(place)
  await deployed.withDatabase(async (database) => {
    try {
      const { id, was, trial } = dir === 'shipped' ? await putShipped(database) : await putFolder(database, dir, output)
      output.data({ model: id, used: true, before: was, trial: trial ?? null }, () => [
        id === was
          ? `${shortId(id)} is in service already`
          : `${shortId(id)} is in service in the place of ${shortId(was)}`,
      ])
    } catch (error) {
      if (!(error instanceof ModelError)) throw error
      output.data({ used: false, why: error.message }, () => [`refused: ${error.message}`, 'what serves goes on'])
      output.fail()
    }
  })
}

interface Used {
  id: string | null
  was: string | null
  trial?: Trial
}

const putShipped = (database: Database): Promise<Used> =>
  transaction(database, async (sql) => {
    const was = await readInService(sql)
    if (was !== null) await putInService(sql, null)
    return { id: null, was }
  })

const shippedId = async (): Promise<string | undefined> => {
  const shipped = await readShipped()
  return shipped && modelId(shipped.sidecar)
}

const putFolder = async (database: Database, dir: string, output: Output): Promise<Used> => {
  const files = await readModelFolder(dir)
  const model = await openModel(files)
  try {
    const was = await readInService(database)
    if (model.id === (was ?? (await shippedId()))) return { id: was, was }
    const day = await readCityDay(database)
    const tried = { model, files, kmh: kmhOf(model) }
    for (const line of [checkSegments(model, day), await checkSpeed(model)]) output.note(line)
    const trial = await compare(database, tried, was, day, output)
    await transaction(database, async (sql) => {
      await keepModel(sql, model.id, files)
      await putInService(sql, model.id)
    })
    return { id: model.id, was, ...(trial && { trial }) }
  } finally {
    await model.release()
  }
}
