import { ModelError } from '#models/onnx/model-error.ts'
import { readModelFolder } from '#models/traffic/folder.ts'
import { type Model, openModel } from '#models/traffic/model.ts'
import type { ModelFiles } from '#models/traffic/sidecar.ts'
import { readInService, readModel, refuseModel } from '#models/traffic/store.ts'
import type { HttpContext } from '#shared/function/define.ts'
import type { Sql } from '#shared/state/sql.ts'

/** A use that an operator has changed is looked for this often at most; the database may take so long to tell. */
const LOOK_EVERY_MS = 2000
const TELLS_WITHIN_MS = 1000

/** The models of a process. */
export interface Models {
  /** Lends the one in service until `work` is done; a later one takes its memory back, so it is of no use afterwards. */
  use<T>(work: (model: Model) => Promise<T>): Promise<T>
  release(): Promise<void>
}

/** Where models come from: the folder of the one that ships, and the database that says which one serves. */
export interface ModelPlaces {
  assets: string
  sql: Sql
  log: Pick<HttpContext['log'], 'info' | 'warn' | 'error'>
}

/**
 * Opens the model that ships; rejects with ModelError where it is broken, for there would be nothing to fall back to.
 * One that does not pass the checks is marked as refused, and what served before goes on.
 */
export const openModels = async ({ assets, sql, log }: ModelPlaces, open = openModel): Promise<Models> => {
  const shipped = await openShipped(assets, open)
  let serving = shipped
  let before: InUse | undefined
  let looking: Promise<void> | undefined
  let patience: Promise<void> | undefined
  let lookedAt = Number.NEGATIVE_INFINITY

  const swap = async (next: InUse): Promise<void> => {
    const old = before
    before = serving
    serving = next
    log.info({ model: next.model.id }, 'a model is put in service')
    // Not the one that served until now, which is the next that may be gone back to.
    if (old === undefined || old === shipped || old === next) return
    // Whoever asks now shall not wait for those who still work with it.
    old.retire().catch((err) => log.warn({ err, model: old.model.id }, 'a model that served cannot be released'))
  }

  const follow = async (isSilent: () => void): Promise<void> => {
    const ask = <T>(reading: Promise<T>): Promise<T> => {
      const timer = setTimeout(isSilent, TELLS_WITHIN_MS).unref()
      return reading.finally(() => clearTimeout(timer))
    }
    for (;;) {
      const wanted = await ask(readInService(sql))
      if (wanted === serving.of) return
      if (wanted === null) return await swap(shipped)
      if (wanted === before?.of) return await swap(before)
      try {
        return await swap(inUse(wanted, await openNamed(wanted, await ask(readModel(sql, wanted)), open)))
      } catch (error) {
        if (!(error instanceof ModelError)) throw error
        await refuseModel(sql, wanted, error.message)
        log.error({ model: wanted, why: error.message, serving: serving.model.id }, 'a model is refused')
      }
    }
  }

  const look = async (isSilent: () => void): Promise<void> => {
    try {
      await follow(isSilent)
    } catch (error) {
      log.warn({ err: error, serving: serving.model.id }, 'which model serves cannot be read: the same goes on')
    } finally {
      lookedAt = performance.now()
      looking = undefined
    }
  }

  return {
    async use(work) {
      if (looking === undefined && performance.now() - lookedAt >= LOOK_EVERY_MS) {
        // A database that hangs holds up the first callers for a moment, and then nobody: most need none. An opening is
        // waited for: after a wake the first who asks is the tick, which no later model makes again.
        patience = new Promise((over) => {
          looking = look(over)
          looking.then(over)
        })
      }
      if (looking) await patience
      return await serving.use(work)
    },
    async release() {
      await Promise.all([...new Set([shipped, serving, before])].map((one) => one?.retire()))
    },
  }
}

const openShipped = async (assets: string, open: typeof openModel): Promise<InUse> => {
  try {
    return inUse(null, await open(await readModelFolder(assets)))
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    throw new ModelError(`the model that ships with the function is broken: ${error.message}`)
  }
}

const openNamed = async (id: string, files: ModelFiles, open: typeof openModel): Promise<Model> => {
  const model = await open(files)
  if (model.id === id) return model
  await model.release()
  throw new ModelError(`model.json has the SHA-256 ${model.id}`)
}

/** A model with the work that is under way on it. */
interface InUse {
  /** What names it in the database. */
  of: string | null
  model: Model
  use<T>(work: (model: Model) => Promise<T>): Promise<T>
  /** Releases it once nobody works with it. */
  retire(): Promise<void>
}

const inUse = (of: string | null, model: Model): InUse => {
  const working = new Set<Promise<unknown>>()
  return {
    of,
    model,
    use(work) {
      const done = work(model)
      working.add(done)
      const over = () => working.delete(done)
      done.then(over, over)
      return done
    },
    async retire() {
      await Promise.allSettled(working)
      await model.release()
    },
  }
}
