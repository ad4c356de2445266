import type { ConsumerStatus, FunctionStatus, RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import { UserError } from '../user-error.ts'
import type { Output } from './output.ts'
import { failureOf, findRunning, type Running } from './running.ts'
import { shortTime, table } from './table.ts'

/** Reads the status of a running runtime. */
export const readStatus = async (running: Running): Promise<RuntimeStatus> => {
  const response = await running.fetch('/system/junction/status')
  if (!response.ok) throw new UserError(`the runtime gives no status: ${await failureOf(response)}`)
  return (await response.json()) as RuntimeStatus
}

/** Functions that only HTTP clients call are none. */
const isConsumer = ({ partitions, due, state, waitsFor }: ConsumerStatus): boolean =>
  partitions.length > 0 || due.length > 0 || state !== 'running' || waitsFor !== undefined

const functionRow = (one: FunctionStatus) => {
  const crashes = one.crashesInRow > 0 ? `, ${one.crashesInRow} crashes` : ''
  const start = one.lastColdStartMs === null ? '-' : shortTime(one.lastColdStartMs)
  return [one.name, `${one.state}${crashes}`, revisionOf(one), one.replicas, one.inFlight, one.coldStarts, start]
}

const revisionOf = ({ revision, serving, rollout }: FunctionStatus): string =>
  rollout === 'settled' ? String(revision) : `${revision} ${rollout}, ${serving} serves`

const consumerRow = ({ consumer, state, error, forMs, inFlight, lag, oldestAgeMs: age }: ConsumerStatus) => {
  const since = forMs === undefined ? '' : ` for ${shortTime(forMs)}`
  return [consumer, `${state}${since}`, lag, lag === 0 ? '-' : shortTime(age), inFlight, (error ?? '').slice(0, 120)]
}

const forecastLines = ({ forecasts }: RuntimeStatus): string[] => {
  if (!forecasts) return []
  const { windowStart, segments, sources, farthest } = forecasts
  const { model, profile, persistence } = sources
  const made = `forecasts of ${windowStart.slice(0, 16)}Z: ${model + profile + persistence} of ${segments} segments`
  const from = `${model} by the model, ${profile} by the profile, ${persistence} by persistence`
  if (!farthest) return [`${made}, ${from}; none scored yet`]
  const { minutes, maeKmh, model: alone } = farthest
  const inPlace =
    alone && ` (the model ${alone.maeKmh.toFixed(1)}, persistence in its place ${alone.persistenceKmh.toFixed(1)})`
  return [`${made}, ${from}; ${minutes} min ahead off by ${maeKmh.toFixed(1)} km/h in 24 h${inPlace ?? ''}`]
}

/** The status as people read it. */
export const statusLines = (status: RuntimeStatus, url: string): string[] => {
  const { clock, bus, functions, topics, connector, deadLetters, alarms } = status
  const speed = clock.kind === 'real' ? 'real time' : clock.speed === 0 ? 'stepped' : `${clock.speed}×`
  return [
    `${url}  pid ${status.pid}  city time ${clock.now.slice(0, 19)}Z (${speed})  bus: ${bus}`,
    '',
    ...table(
      ['FUNCTION', 'STATE', 'REVISION', 'REPLICAS', 'IN FLIGHT', 'COLD STARTS', 'LAST START'],
      functions.map(functionRow),
    ),
    ...functions.flatMap(({ name, revision, fault }) =>
      fault === undefined ? [] : [`${name}: revision ${revision} does not serve: ${fault}`],
    ),
    '',
    ...table(
      ['TOPIC', 'EVENTS', 'PARTITIONS'],
      topics.map(({ topic, events, partitions }) => [topic, Number(events), partitions]),
    ),
    '',
    ...(connector.ready
      ? []
      : [`the connector is not ready: ${connector.error ?? 'it has not looked at the log yet'}`]),
    ...table(
      ['CONSUMER', 'STATE', 'LAG', 'AGE', 'IN FLIGHT', 'ERROR'],
      connector.consumers.filter(isConsumer).map(consumerRow),
    ),
    ...alarms.map(({ consumer, next, count }) => `${consumer}: ${count} alarms, next at ${next.slice(0, 19)}Z`),
    ...deadLetters.map(
      ({ consumer, open, oldest }) => `${consumer}: ${open} dead letters since ${oldest.slice(0, 19)}Z`,
    ),
    ...forecastLines(status),
  ]
}

/** Prints how a runtime stands. */
export const status = async (folder: string, output: Output): Promise<void> => {
  const running = await findRunning(folder)
  const json = await readStatus(running)
  output.data(json, () => statusLines(json, running.file.url))
}
