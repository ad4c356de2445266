import { type Acceptance, accept } from '#shared/contracts/accept.ts'
import type { Mapping } from '#shared/contracts/mapping.ts'
import { echo, type FieldError } from '#shared/contracts/problem.ts'
import type { AcceptedReading } from '#shared/contracts/reading.ts'
import type { InputEvent, Settings } from '#shared/function/define.ts'
import { PermanentError } from '#shared/function/errors.ts'
import { epochFault, instantOf } from './epoch.ts'
import { valueAt } from './pointer.ts'

type Message = Pick<InputEvent, 'topic' | 'data'>

/** The mapping of a topic; a topic without one is no fault of its messages. */
export function mappingOf(topic: string, { mappings }: Pick<Settings, 'mappings'>): Mapping {
  const mapping = mappings?.get(topic)
  if (mapping) return mapping
  throw Object.assign(new Error(`MAPPINGS has no mapping of the topic ${topic}: add one in stack.yml`), {
    code: 'configuration',
  })
}

/** The reading a message tells of; throws a PermanentError that names topic, place and what was found there. */
export function readingOf(message: Message, mapping: Mapping, acceptance: Acceptance): AcceptedReading {
  const outcome = accept(sentOf(message.data, mapping), acceptance)
  if ('reading' in outcome) return outcome.reading
  const { code, errors } = outcome.fault
  const words = errors.map((error) => sentence(message, mapping, error)).join('; ')
  const reason = code === 'time_out_of_range' ? code : 'validation'
  throw new PermanentError(words, { code, reason })
}

/** What a device would have sent; many write null for what they do not have. */
function sentOf(data: unknown, { device, observedAt, epoch, seq, location, measures, units }: Mapping): object {
  const at = (pointer: string) => valueAt(data, pointer)
  const given = (pointer: string) => at(pointer) ?? undefined
  const coordinates = location && [given(location.longitude), given(location.latitude)]
  const all = Object.entries(measures).map(([name, pointer]) => [name, at(pointer)] as const)
  const some = all.filter(([, value]) => value !== undefined && value !== null)
  // Of none each is named in the refusal.
  const values = Object.fromEntries(some.length > 0 ? some : all)
  return {
    device: nameOf(at(device)),
    observedAt: epoch ? instantOf(at(observedAt), epoch) : at(observedAt),
    seq: seq && given(seq),
    location: coordinates?.some((value) => value !== undefined) ? { type: 'Point', coordinates } : undefined,
    measures: values,
    units: units && Object.fromEntries(Object.entries(units).filter(([name]) => Object.hasOwn(values, name))),
  }
}

// Many number their sensors.
const nameOf = (value: unknown): unknown => (Number.isSafeInteger(value) ? String(value) : value)

/** Where each field of a reading is taken from. */
const placesOf = ({ device, observedAt, seq, location, measures }: Mapping): Map<string, string | undefined> =>
  new Map([
    ['/device', device],
    ['/observedAt', observedAt],
    ['/seq', seq],
    ['/location/coordinates/0', location?.longitude],
    ['/location/coordinates/1', location?.latitude],
    ...Object.entries(measures).map(([name, pointer]) => [`/measures/${name}`, pointer] as const),
  ])

function sentence({ topic, data }: Message, mapping: Mapping, { path, message }: FieldError): string {
  const pointer = placesOf(mapping).get(path)
  if (pointer === undefined) return `${topic}: ${path.slice(1)} ${message}`
  const found = valueAt(data, pointer)
  const shown = found === undefined || typeof found === 'object' ? '' : `, ${echo(found)},`
  const words = path === '/observedAt' ? timeWords(found, mapping, message) : message
  return `${topic}: ${pointer === '' ? 'the whole' : pointer} (${path.slice(1)})${shown} ${words}`
}

function timeWords(found: unknown, { epoch }: Mapping, message: string): string {
  if (epoch) return instantOf(found, epoch) === undefined ? epochFault(found, epoch) : message
  return typeof found === 'number' ? message + EPOCH : message
}

const EPOCH = '; for a number of seconds or milliseconds since 1970 the mapping says so in epoch'
