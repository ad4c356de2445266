import { parseJson } from '#shared/function/json.ts'

/** What a CloudEvent says of itself, `id` and `type` among it, beside the bytes of its data. */
export interface StructuredEvent {
  attributes: Record<string, string> & { id: string; type: string }
  data: Uint8Array
}

const MEDIA_TYPE = 'application/cloudevents+json'
const JSON_TYPE = /^(?:[^/]+\/(?:[^/]+\+)?json)?$/
const NAME = /^[a-z0-9]{1,20}$/
const MAX_ID = 1024

/**
 * A CloudEvent in structured mode, by CloudEvents' JSON format. Undefined where the content type is another or the bytes
 * are no CloudEvent: such a message goes on as it came, so that who reads its data can say what is wrong with it.
 */
export function readStructured(contentType: string | undefined, bytes: Uint8Array): StructuredEvent | undefined {
  if (mediaType(contentType) !== MEDIA_TYPE) return undefined
  const event = parse(bytes)
  if (event?.specversion !== '1.0') return undefined
  const { specversion: _, data, data_base64, ...others } = event
  const attributes = textsOf(others)
  const { id, source, type, datacontenttype } = attributes
  if (!id || id.length > MAX_ID || !source || !type) return undefined
  const isJson = JSON_TYPE.test(mediaType(datacontenttype) ?? '')
  if (datacontenttype === 'application/json') delete attributes.datacontenttype
  return { attributes: { ...attributes, id, type }, data: bytesOf(data, data_base64, isJson) }
}

const mediaType = (given: string | undefined) => given?.split(';', 1)[0]?.trim().toLowerCase()

function parse(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value = parseJson(bytes)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function textsOf(given: Record<string, unknown>): Record<string, string> {
  const texts = Object.entries(given).filter(([name, value]) => NAME.test(name) && value !== '' && isScalar(value))
  return Object.fromEntries(texts.map(([name, value]) => [name, String(value)]))
}

const isScalar = (value: unknown) => ['string', 'number', 'boolean'].includes(typeof value)

function bytesOf(data: unknown, base64: unknown, isJson: boolean): Uint8Array {
  if (typeof base64 === 'string') return Buffer.from(base64, 'base64')
  if (data === undefined) return new Uint8Array()
  return Buffer.from(typeof data === 'string' && !isJson ? data : JSON.stringify(data))
}
