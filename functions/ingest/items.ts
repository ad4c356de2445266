import type { Fault } from '#shared/contracts/problem.ts'
import { parseJson } from '#shared/function/json.ts'
import { dataOf } from './cloud-event.ts'
import type { Form } from './media.ts'
import { Refused } from './refused.ts'

const MAX_ITEMS = 10_000
const NEWLINE = 0x0a
const EMPTY = 'the body is empty: send a reading as JSON, as /openapi.json shows'

/** One reading as it was sent, or why there is none. */
export type Item = { value: unknown } | { fault: Fault }

/** What a body holds; `single` is answered by one status, many by one each. */
export interface Items {
  single: boolean
  items: Item[]
}

/** The fault a thrown JsonError or Refused tells of; anything else is thrown on. */
export const faultOf = (error: unknown): Fault => {
  const { name, message, code, path, errors } = error as Fault & { name: string; path?: string }
  if (name === 'JsonError') return { code, message, errors: [{ path: path ?? '', message }] }
  if (name === 'Refused') return { code, message, errors: errors ?? [{ path: '', message }] }
  throw error
}

const attempt = (read: () => unknown): Item => {
  try {
    return { value: read() }
  } catch (error) {
    return { fault: faultOf(error) }
  }
}

const atMost = (count: number): void => {
  if (count > MAX_ITEMS)
    throw new Refused(413, 'oversize', `the body holds more than ${MAX_ITEMS} readings; send them in several requests`)
}

const lines = (bytes: Uint8Array): Item[] => {
  const items: Item[] = []
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start)
    const end = newline < 0 ? bytes.length : newline
    const line = bytes.subarray(start, end)
    if (line.some((byte) => byte > 0x20)) {
      atMost(items.length + 1)
      items.push(attempt(() => parseJson(line)))
    }
    start = end + 1
  }
  if (items.length === 0) throw new Refused(400, 'decode', EMPTY)
  return items
}

const oneOrMany = (value: unknown): Items => {
  if (!Array.isArray(value)) return { single: true, items: [{ value }] }
  atMost(value.length)
  return { single: false, items: value.map((item: unknown) => ({ value: item })) }
}

const batch = (events: unknown): Items => {
  if (!Array.isArray(events)) throw new Refused(400, 'invalid', 'the body is not a batch: a JSON array is needed')
  atMost(events.length)
  return { single: false, items: events.map((event) => attempt(() => dataOf(event))) }
}

/**
 * The readings in a body of that form. A line or event that cannot be read is a fault of that item alone.
 * @throws JsonError or Refused where the body as a whole cannot be read
 */
export const itemsOf = (form: Form, bytes: Uint8Array): Items => {
  if (bytes.length === 0) throw new Refused(400, 'decode', EMPTY)
  switch (form) {
    case 'json':
      return oneOrMany(parseJson(bytes))
    case 'ndjson':
      return { single: false, items: lines(bytes) }
    case 'cloudevent':
      return oneOrMany(dataOf(parseJson(bytes)))
    case 'cloudevents':
      return batch(parseJson(bytes))
  }
}
