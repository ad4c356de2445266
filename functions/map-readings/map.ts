import { type Acceptance, accept } from '#shared/contracts/accept.ts'
import { formatInstant } from '#shared/contracts/instant.ts'
import type { Mapping } from '#shared/contracts/mapping.ts'
import { echo, type FieldError } from '#shared/contracts/problem.ts'
import type { AcceptedReading } from '#shared/contracts/reading.ts'
import type { InputEvent, Settings } from '#shared/function/define.ts'
import { PermanentError } from '#shared/function/errors.ts'
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
export function readingOf({ topic, data }: Message, mapping: Mapping, acceptance: Acceptance): AcceptedReading {
  const outcome = accept(sentOf(data, mapping), acceptance)
  if ('reading' in outcome) return outcome.reading
  const { code, errors } = outcome.fault
  const places = placesOf(mapping)
  const message = errors.map((error) => sentence(topic, data, places, error)).join('; ')
  const reason = code === 'time_out_of_range' ? code : 'validation'
  throw new PermanentError(message, { code, reason })
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

function instantOf(value: unknown, epoch: NonNullable<Mapping['epoch']>): unknown {
  const ms = typeof value === 'number' ? Math.round(epoch === 'seconds' ? value * 1000 : value) : Number.NaN
  // Beyond that JavaScript knows no instant.
  return Math.abs(ms) <= 8.64e15 ? formatInstant(ms) : value
}

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

function sentence(
  topic: string,
  data: unknown,
  places: Map<string, string | undefined>,
  { path, message }: FieldError,
): string {
  const pointer = places.get(path)
  if (pointer === undefined) return `${topic}: ${path.slice(1)} ${message}`
  const found = valueAt(data, pointer)
  const shown = found === undefined || typeof found === 'object' ? '' : ` ${echo(found)},`
  const hint = path === '/observedAt' && typeof found === 'number' ? EPOCH : ''
  return `${topic}: ${pointer === '' ? 'the whole' : pointer} (${path.slice(1)})${shown && `,${shown}`} ${message}${hint}`
}

const EPOCH = '; for a number of seconds or milliseconds since 1970 the mapping says so in epoch'
