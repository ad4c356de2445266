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
  return [one.name, `${one.state}${crashes}`, one.replicas, one.inFlight, one.coldStarts, start]
}

const consumerRow = ({ consumer, state, error, forMs, inFlight, lag, oldestAgeMs: age }: ConsumerStatus) => {
  const since = forMs === undefined ? '' : ` for ${shortTime(forMs)}`
  return [consumer, `${state}${since}`, lag, lag === 0 ? '-' : shortTime(age), inFlight, (error ?? '').slice(0, 120)]
}

/** The status as people read it. */
export const statusLines = (status: RuntimeStatus, url: string): string[] => {
  const { clock, bus, functions, topics, connector, deadLetters, alarms } = status
  const speed = clock.kind === 'real' ? 'real time' : clock.speed === 0 ? 'stepped' : `${clock.speed}×`
  return [
    `${url}  pid ${status.pid}  city time ${clock.now.slice(0, 19)}Z (${speed})  bus: ${bus}`,
    '',
    ...table(['FUNCTION', 'STATE', 'REPLICAS', 'IN FLIGHT', 'COLD STARTS', 'LAST START'], functions.map(functionRow)),
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
  ]
}

/** Prints how a runtime stands. */
export const status = async (folder: string, output: Output): Promise<void> => {
  const running = await findRunning(folder)
  const json = await readStatus(running)
  output.data(json, () => statusLines(json, running.file.url))
}
