import { isOwn, isSecretName } from '../../secrets/secret-name.ts'
import type { SecretStore } from '../../secrets/store.ts'
import { NAMESPACE } from '../../stack/key.ts'
import type { Namespaces } from '../namespaces.ts'
import { Refused } from '../problem.ts'
import { invalid, readJson, Secret, SecretName } from '../requests.ts'
import { type Asked, READ, type Route } from './route.ts'

/** What the routes of secrets work on. */
export interface SecretRoutes {
  secrets: SecretStore
  namespaces: Namespaces
}

const place = { pattern: /^\/system\/secrets$/, label: '/system/secrets' }

/** OpenFaaS's routes of secrets: values go in and never out. */
export const secretRoutes = ({ secrets, namespaces }: SecretRoutes): Route[] => {
  /** The secret a request is about, in a namespace that is there. */
  const read = async ({ body, query }: Asked) => {
    const { name, namespace: inBody } = readJson(SecretName, body)
    const namespace = inBody || query.get('namespace') || NAMESPACE
    if (!isSecretName(name))
      throw invalid('name: it must be a DNS subdomain: a-z, 0-9, "-" and ".", at most 253 characters')
    if (isOwn(name)) throw invalid(`name: ${name} is Junction's own: it is a file of the data folder's secrets alone`)
    if (!namespaces.get(namespace)) throw notFound(`there is no namespace ${namespace}`)
    return { name, namespace, exists: await secrets.has(namespace, name) }
  }
  return [
    {
      ...place,
      methods: READ,
      answer: async ({ query }) => {
        const namespace = query.get('namespace') || NAMESPACE
        const names = namespaces.get(namespace) ? await secrets.list(namespace) : []
        return { status: 200, json: names.map((name) => ({ name, namespace })) }
      },
    },
    {
      ...place,
      methods: ['POST'],
      answer: async (asked) => {
        const { name, namespace, exists } = await read(asked)
        const value = valueIn(asked.body)
        if (exists) throw new Refused({ ...conflict, detail: `the secret ${name} exists already: update it with PUT` })
        await secrets.write(namespace, name, value)
        return { status: 201 }
      },
    },
    {
      ...place,
      methods: ['PUT'],
      answer: async (asked) => {
        const { name, namespace, exists } = await read(asked)
        const value = valueIn(asked.body)
        if (!exists) throw notFound(`there is no secret ${name} in ${namespace}`)
        await secrets.write(namespace, name, value)
        return { status: 200 }
      },
    },
    {
      ...place,
      methods: ['DELETE'],
      answer: async (asked) => {
        const { name, namespace, exists } = await read(asked)
        if (!exists) throw notFound(`there is no secret ${name} in ${namespace}`)
        await secrets.remove(namespace, name)
        return { status: 202 }
      },
    },
  ]
}

const valueIn = (body: Buffer): Buffer => {
  const { value, rawValue } = readJson(Secret, body)
  const bytes = rawValue ? Buffer.from(rawValue, 'base64') : Buffer.from(value ?? '')
  if (bytes.length === 0) throw invalid('value: it is empty')
  return bytes
}

const conflict = { status: 409, title: 'Conflict', code: 'conflict' }
const notFound = (detail: string): Refused =>
  new Refused({ status: 404, title: 'Unknown secret', detail, code: 'not_found' })
