import type { Redelivery, RedeliveryRequest } from '#shared/contracts/redelivery.ts'
import { UserError } from '../user-error.ts'
import { findBeside, isBeside, type Place } from './beside.ts'
import { parseSince } from './dlq-filter.ts'
import type { Output } from './output.ts'
import { failureOf, findRunning } from './running.ts'
import { table } from './table.ts'

/** What the options of the command hold. */
export interface RedeliverOptions extends Place {
  consumer: string
  from: string
  partition?: number
  forward?: boolean
  dryRun?: boolean
}

/** Sets the positions of a consumer in a topic: its events come again. */
export const redeliverCommand = async (topic: string, options: RedeliverOptions, output: Output): Promise<void> => {
  const { data, consumer, from, partition, forward = false, dryRun = false } = options
  const request: RedeliveryRequest = { topic, consumer, from: fromOf(from), partition, forward, dryRun }
  const done = await (isBeside(options) ? beside(options, request) : throughRuntime(data, request))
  output.data(done, () => lines(done, forward))
}

const beside = (place: Omit<Place, 'data'>, request: RedeliveryRequest): Promise<Redelivery> =>
  findBeside(place)
    .redeliver(request)
    .catch((error: Error) => {
      throw error.name === 'RedeliveryRefused' ? new UserError(`nothing is moved: ${error.message}`) : error
    })

const throughRuntime = async (data: string, request: RedeliveryRequest): Promise<Redelivery> => {
  const running = await findRunning(data)
  const response = await running.fetch('/system/junction/redeliver', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  })
  if (!response.ok) throw new UserError(`nothing is moved: ${await failureOf(response)}`)
  return (await response.json()) as Redelivery
}

const fromOf = (text: string): string =>
  /^\d{1,19}$/.test(text) || text === 'earliest' || text === 'latest' ? text : parseSince('--from', text).toISOString()

const lines = ({ consumer, topic, dryRun, partitions }: Redelivery, forward: boolean): string[] => {
  const sum = (pick: (one: Redelivery['partitions'][number]) => string) =>
    partitions.reduce((total, one) => total + BigInt(pick(one)), 0n)
  const [again, skipped] = [sum((one) => one.again), sum((one) => one.skipped)]
  const would = dryRun ? 'would ' : ''
  return [
    ...table(
      ['PARTITION', 'WAS', 'NOW', 'AGAIN'],
      partitions.map(({ partition, was, now, again }) => [partition, Number(was), Number(now), Number(again)]),
    ),
    '',
    `${again} events of ${topic} ${would}come to ${consumer} again`,
    ...(skipped === 0n ? [] : [`${skipped} events ${would}never come to it`]),
    ...(again === 0n ? [] : [IDEMPOTENT]),
    ...(again === 0n && skipped === 0n && !forward ? ['positions go back only; --forward skips events'] : []),
  ]
}

const IDEMPOTENT =
  'Functions of Junction take them without a second effect (`once` by its markers, as long as those are kept); foreign functions do not.'
