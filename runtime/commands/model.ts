import { Sidecar } from '#models/traffic/sidecar.ts'
import { putInService, readBefore, readInService, readUses, type StoredModel } from '#models/traffic/store.ts'
import { unitName } from '#models/traffic/unit-name.ts'
import { transaction } from '#shared/state/transaction.ts'
import { UserError } from '../user-error.ts'
import { findDeployed, type Place } from './beside.ts'
import type { Output } from './output.ts'
import { readShipped } from './shipped-model.ts'
import { table } from './table.ts'

/** The first characters of an id, enough to tell models apart; the one that ships has its name. */
export const shortId = (id: string | null): string => id?.slice(0, 12) ?? 'shipped'

/** One line of the list. */
interface Listed {
  id: string | null
  serves: boolean
  trainedOn: string | null
  until: string | null
  unit: string | null
  minutes: number[]
  validationMae: number[]
  since: string | null
  refused: string | null
}

/** Lists the models, those that served last first, the one that ships last of all. */
export const modelList = async (place: Place, output: Output): Promise<void> => {
  const deployed = await findDeployed(place)
  const [serving, stored] = await deployed.withDatabase(
    async (sql) => [await readInService(sql), await readUses(sql)] as const,
  )
  const shipped = await readShipped()
  const all = [
    ...stored.models,
    { id: null, sidecar: shipped?.sidecar ?? null, refused: null, since: stored.shippedSince },
  ]
  const listed = all.map((one) => listedOf(one, one.id === serving))
  output.data(listed, () => [
    ...table(
      ['MODEL', 'STATE', 'SINCE', 'TRAINED ON', 'UNTIL', 'MAE WHERE IT WAS CHOSEN'],
      listed.map((one) => [
        shortId(one.id),
        one.serves ? 'serves' : one.refused === null ? '-' : 'refused',
        one.since?.slice(0, 16) ?? '-',
        one.trainedOn ?? '-',
        one.until?.slice(0, 10) ?? '-',
        maeLine(one),
      ]),
    ),
    ...listed.flatMap(({ id, refused }) => (refused === null ? [] : [`${shortId(id)} was refused: ${refused}`])),
  ])
}

const listedOf = (
  { id, sidecar, refused, since }: Omit<StoredModel, 'id'> & { id: string | null },
  serves: boolean,
): Listed => {
  const { success, data } = Sidecar.safeParse(sidecar === null ? undefined : jsonOf(sidecar))
  const about = success
    ? {
        ...{ trainedOn: data.training.title, until: data.training.until, unit: unitName(data.unit) },
        minutes: data.horizons.map(({ minutes }) => minutes),
        validationMae: data.validation.model.mae,
      }
    : { ...{ trainedOn: null, until: null, unit: null }, minutes: [], validationMae: [] }
  return { id, serves, ...about, since: since?.toISOString() ?? null, refused }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const maeLine = ({ unit, minutes, validationMae }: Listed): string =>
  minutes.length === 0
    ? '-'
    : `${validationMae.map((mae) => mae.toFixed(2)).join(' / ')} ${unit} at ${minutes.join('/')} min`

/** Goes back to the model that served before the one that does. */
export const modelRollback = async (place: Place, output: Output): Promise<void> => {
  const deployed = await findDeployed(place)
  const change = await deployed.withDatabase((database) =>
    transaction(database, async (sql) => {
      const before = await readBefore(sql)
      if (before === undefined) throw new UserError('no model served before the one that ships: there is no way back')
      await putInService(sql, before.to)
      return before
    }),
  )
  output.data(change, () => [`${shortId(change.to)} is in service in the place of ${shortId(change.from)}`])
}
