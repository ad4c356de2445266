import type { Sql } from '#shared/state/sql.ts'
import { MOST_BYTES } from '../onnx/inspect.ts'
import { ModelError } from '../onnx/model-error.ts'
import { MOST_TEXT } from './model.ts'
import type { ModelFiles } from './sidecar.ts'

/** The id of the model that is to serve, the newest use that was not refused; null is the one that ships. */
export const readInService = async (sql: Sql): Promise<string | null> => {
  const { rows } = await sql.query<{ model: string | null }>(
    `select u.model from model_use u left join model m on m.id = u.model where m.refused is null
     order by u.seq desc limit 1`,
  )
  return rows[0]?.model ?? null
}

/** The files of a model, none longer than what `openModel` needs to refuse it; throws ModelError where there is none. */
export const readModel = async (sql: Sql, id: string): Promise<ModelFiles> => {
  const { sidecar, statistics, golden } = MOST_TEXT
  const { rows } = await sql.query<ModelFiles>(
    `select substring(onnx for $2) as onnx, left(sidecar, $3) as sidecar, left(statistics, $4) as statistics,
       left(golden, $5) as golden from model where id = $1`,
    [id, ...[MOST_BYTES, sidecar, statistics, golden].map((most) => most + 1)],
  )
  if (rows[0] === undefined) throw new ModelError(`there is no model ${id}`)
  return rows[0]
}

/** Keeps why a model could not serve; it is not tried again until an operator puts it in service anew. */
export const refuseModel = async (sql: Sql, id: string, why: string): Promise<void> => {
  await sql.query('update model set refused = $2 where id = $1', [id, why])
}

/** Keeps the files of a model; a refusal of the same one before is forgotten. */
export const keepModel = async (sql: Sql, id: string, files: ModelFiles): Promise<void> => {
  await sql.query(
    `insert into model (id, onnx, sidecar, statistics, golden) values ($1, $2, $3, $4, $5)
     on conflict (id) do update set refused = null, onnx = excluded.onnx, sidecar = excluded.sidecar,
       statistics = excluded.statistics, golden = excluded.golden`,
    [id, files.onnx, files.sidecar, files.statistics, files.golden],
  )
}

/** Puts a model in service that is kept, or by null the one that ships. */
export const putInService = async (sql: Sql, id: string | null): Promise<void> => {
  await sql.query('insert into model_use (model) values ($1)', [id])
}

/** The model in service and the one before it; undefined where none was. */
export const readBefore = async (sql: Sql): Promise<{ from: string | null; to: string | null } | undefined> => {
  const from = await readInService(sql)
  const { rows } = await sql.query<{ model: string | null }>(
    `select u.model from model_use u left join model m on m.id = u.model
     where m.refused is null and u.model is distinct from $1 order by u.seq desc limit 1`,
    [from],
  )
  if (rows[0]) return { from, to: rows[0].model }
  return from === null ? undefined : { from, to: null }
}

/** A model that is kept, and when it was last put in service. */
export interface StoredModel {
  id: string
  sidecar: string | null
  refused: string | null
  since: Date | null
}

/** The models that are kept, the last one used first, and when the one that ships was last put back in service. */
export const readUses = async (sql: Sql): Promise<{ models: StoredModel[]; shippedSince: Date | null }> => {
  const { rows: models } = await sql.query<StoredModel>(
    `select m.id, m.sidecar, m.refused, max(u.since) as since from model m left join model_use u on u.model = m.id
     group by m.id order by max(u.seq) desc nulls last, m.id`,
  )
  const { rows } = await sql.query<{ since: Date | null }>(
    'select max(since) as since from model_use where model is null',
  )
  return { models, shippedSince: rows[0]?.since ?? null }
}
