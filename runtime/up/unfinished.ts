import type { Bus } from '#shared/bus/port.ts'
import type { ConnectorStatus } from '#shared/contracts/runtime-status.ts'
import type { Sql } from '#shared/state/sql.ts'

/** One consumer and the log it reads. */
export interface Reader {
  consumer: string
  topics: string[]
  bus: Pick<Bus, 'ends'>
}

/** What tells how far the work is. */
export interface Work {
  readers: Reader[]
  status(): ConnectorStatus
  sql: Sql
}

/**
 * What is not worked off yet of everything accepted so far and of the alarms up to an instant, in a few words; undefined
 * when all is. Two looks at the ends hold between them all that the work itself appends.
 */
export const unfinished = async ({ readers, status, sql }: Work, until: Date): Promise<string | undefined> => {
  const before = await endsOf(readers)
  const { ready, error, consumers } = status()
  if (!ready) return `the connector is not ready: ${error ?? 'it has not looked at the log yet'}`
  // What asks for itself again and again is never over: only what is due up to the end counts.
  const isDue = (at: string) => new Date(at) <= until
  const busy = consumers.find(({ inFlight, due }) => inFlight > 0 || due.some(isDue))
  if (busy) return `${busy.consumer} works`
  for (const { consumer, topic, partition, end } of before) {
    const seen = consumers
      .find((one) => one.consumer === consumer)
      ?.partitions.find((one) => one.topic === topic && one.partition === partition)
    if (seen === undefined) return `${consumer} does not read ${topic}/${partition} yet`
    if (seen.lag > 0 || BigInt(seen.end) < end) return `${consumer} has ${seen.lag} events of ${topic} before it`
  }
  const { rows } = await sql.query<{ n: number }>('select count(*)::int as n from alarm where at <= $1', [until])
  const alarms = rows[0]?.n ?? 0
  if (alarms > 0) return `${alarms} alarms are due`
  const after = await endsOf(readers)
  return after.every(({ end }, i) => end === before[i]?.end) ? undefined : 'events are being appended'
}

const endsOf = async (readers: Reader[]) => {
  const all = readers.flatMap(({ consumer, topics, bus }) =>
    topics.map(async (topic) => (await bus.ends([topic]).catch(noneYet)).map((end) => ({ consumer, ...end }))),
  )
  return (await Promise.all(all)).flat()
}

// A foreign topic may not be there yet: nothing of it has been accepted.
const noneYet = (error: Error): [] => {
  if (error.name === 'NoSuchTopic') return []
  throw error
}
