import type { FieldError } from '#shared/contracts/problem.ts'
import { parseJson } from '#shared/function/json.ts'
import { Refused } from './refused.ts'

const REQUIRED = ['id', 'source', 'type'] as const

const attributeErrors = (get: (name: string) => unknown): FieldError[] => {
  const errors: FieldError[] = []
  if (get('specversion') !== '1.0') errors.push({ path: '/specversion', message: 'must be "1.0"' })
  for (const name of REQUIRED) {
    const value = get(name)
    if (typeof value !== 'string' || value.length === 0 || value.length > 1024)
      errors.push({ path: `/${name}`, message: 'must be a text of 1 to 1,024 characters' })
  }
  return errors
}

/**
 * Checks the attributes that a binary-mode CloudEvent carries as `ce-*` headers; other requests pass.
 * @throws Refused 400
 */
export const checkBinaryMode = (headers: Headers): void => {
  if (headers.get('ce-specversion') === null) return
  const errors = attributeErrors((name) => headers.get(`ce-${name}`))
  if (errors.length > 0) throw new Refused(400, 'invalid', 'the ce- headers are not those of a CloudEvent', errors)
}

/**
 * The data of a structured CloudEvent. Its id is not used: the id of a reading follows from the reading.
 * @throws Refused 400, JsonError
 */
export const dataOf = (event: unknown): unknown => {
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw new Refused(400, 'invalid', 'is not a CloudEvent: a JSON object is needed')
  const fields = event as Record<string, unknown>
  const errors = attributeErrors((name) => (Object.hasOwn(fields, name) ? fields[name] : undefined))
  const type = fields.datacontenttype
  if (type !== undefined && type !== 'application/json')
    errors.push({ path: '/datacontenttype', message: 'must be application/json' })
  const encoded = fields.data_base64
  if (encoded !== undefined && (typeof encoded !== 'string' || fields.data !== undefined))
    errors.push({ path: '/data_base64', message: 'must be a text, in the place of data' })
  if (errors.length > 0) throw new Refused(400, 'invalid', 'is not a CloudEvent this function understands', errors)
  if (typeof encoded === 'string') return parseJson(Buffer.from(encoded, 'base64'))
  return fields.data
}
