import { Cron } from 'croner'
import { findTopic, topics } from '#shared/contracts/topics.ts'
import type { Document, Entry } from './document.ts'
import type { Schedule, Wiring } from './types.ts'

type Annotations = Map<string, Entry & { text: string }>

const KNOWN = ['topics', 'schedule', 'timezone', 'batch', 'linger', 'from'].map((name) => `city.junction.${name}`)
/** The `topic` of OpenFaaS's cron-connector: a clock, not a log. */
const CRON_TOPIC = 'cron-function'
const MAX_LINGER_MS = 60_000

/** What the annotations of one function ask for; topics that the registry does not know are those it `maps`. */
export const readWiring = (document: Document, annotations: Annotations, maps: (topic: string) => boolean): Wiring => {
  for (const { key, keyNode } of annotations.values()) {
    if (key.startsWith('city.junction.') && !KNOWN.includes(key)) {
      document.fail(keyNode, `unknown annotation "${key}"; known: ${KNOWN.join(', ')}`)
    }
  }
  const own = annotations.get('city.junction.topics')
  const foreign = annotations.get('topic')
  if (own && foreign) {
    document.fail(
      foreign.keyNode,
      '"topic" and "city.junction.topics" exclude each other: keep "city.junction.topics" for a function built with ' +
        'defineFunction, "topic" for one that takes a CloudEvent a call',
    )
  }
  return {
    topics: own ? readTopics(document, own, maps) : [],
    foreignTopic: foreign && foreign.text !== CRON_TOPIC ? readForeignTopic(document, foreign) : undefined,
    schedule: readSchedule(document, annotations),
    batch: readBatch(document, annotations.get('city.junction.batch')),
    lingerMs: readLinger(document, annotations.get('city.junction.linger')),
    from: readFrom(document, annotations.get('city.junction.from')),
  }
}

const readTopics = (
  document: Document,
  { text, value }: Entry & { text: string },
  maps: (topic: string) => boolean,
): string[] => {
  const names = text.split(',').map((name) => name.trim())
  for (const name of names) {
    if (findTopic(name) || maps(name)) continue
    const known = Object.keys(topics).join(', ')
    document.fail(value, `unknown topic "${name}"; known: ${known}; one of your own wants a mapping in MAPPINGS`)
  }
  if (new Set(names).size < names.length) document.fail(value, 'a topic stands twice in "city.junction.topics"')
  return names
}

/** Whether a log can have a topic of this name. */
export const isTopicName = (text: string): boolean => /^[\w.-]+$/.test(text)

const readForeignTopic = (document: Document, { text, value }: Entry & { text: string }): string => {
  if (text.includes(',')) document.fail(value, 'OpenFaaS CE takes one "topic" a function: remove the comma')
  return isTopicName(text) ? text : document.fail(value, `"${text}" is not a topic name`)
}

const readSchedule = (document: Document, annotations: Annotations): Schedule | undefined => {
  const own = annotations.get('city.junction.schedule')
  const foreign = annotations.get('schedule')
  if (own && foreign)
    document.fail(foreign.keyNode, '"schedule" and "city.junction.schedule" exclude each other: keep one')
  const zone = annotations.get('city.junction.timezone')
  const schedule = own ?? foreign
  if (!schedule) {
    if (zone) document.fail(zone.keyNode, '"city.junction.timezone" without a schedule: add "city.junction.schedule"')
    return undefined
  }
  if (foreign && annotations.get('topic')?.text !== CRON_TOPIC) {
    document.fail(foreign.keyNode, `"schedule" needs the annotation topic: ${CRON_TOPIC}`)
  }
  const timezone = zone?.text ?? 'UTC'
  if (zone && !isTimezone(timezone))
    document.fail(zone.value, `unknown time zone "${timezone}": give an IANA name such as Europe/Berlin`)
  const cron = schedule.text.trim()
  if (!cron.startsWith('@') && cron.split(/\s+/).length !== 5) {
    document.fail(
      schedule.value,
      `the schedule "${cron}" must have five fields (minute hour day month weekday) or be @hourly, @daily, …`,
    )
  }
  try {
    new Cron(cron, { paused: true, timezone }).stop()
  } catch (error) {
    document.fail(schedule.value, `the schedule "${cron}" cannot be read: ${(error as Error).message}`)
  }
  return { cron, timezone }
}

const isTimezone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

const readBatch = (document: Document, entry: (Entry & { text: string }) | undefined): number => {
  if (!entry) return 1
  const batch = /^\d+$/.test(entry.text) ? Number(entry.text) : 0
  return batch >= 1 && batch <= 1000
    ? batch
    : document.fail(entry.value, `a batch of "${entry.text}": give a number from 1 to 1000`)
}

const readLinger = (document: Document, entry: (Entry & { text: string }) | undefined): number => {
  if (!entry) return 0
  const [, amount, unit] = /^(\d+)(ms|s)$/.exec(entry.text) ?? []
  const ms = Number(amount) * (unit === 's' ? 1000 : 1)
  return ms <= MAX_LINGER_MS
    ? ms
    : document.fail(entry.value, `a linger of "${entry.text}": give a duration up to 60s, such as 500ms or 5s`)
}

const readFrom = (document: Document, entry: (Entry & { text: string }) | undefined): Wiring['from'] => {
  if (!entry) return 'earliest'
  const { text } = entry
  return text === 'earliest' || text === 'latest'
    ? text
    : document.fail(entry.value, `"${text}" must be earliest or latest`)
}
