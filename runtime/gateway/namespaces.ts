import { readFile, rename, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { ConfigurationError } from '#shared/configuration-error.ts'
import { NAMESPACE } from '../stack/key.ts'

/** OpenFaaS's FunctionNamespace, as it is kept and answered. */
const Kept = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
})
export type Namespace = z.infer<typeof Kept>

/** The namespaces functions may be deployed to. */
export interface Namespaces {
  /** The default one first, then in the order of their creation. */
  list(): Namespace[]
  get(name: string): Namespace | undefined
  /** Adds one or replaces it; durable when it resolves. */
  put(namespace: Namespace): Promise<void>
  remove(name: string): Promise<void>
}

/** Always there, and never changed. */
const DEFAULT: Namespace = { name: NAMESPACE, labels: { openfaas: '1' }, annotations: {} }

const read = (file: string, text: string): Namespace[] => {
  try {
    return z.array(Kept).parse(JSON.parse(text))
  } catch {
    throw new ConfigurationError(`${file} cannot be read: move it away to start with the default namespace alone`)
  }
}

/** Opens the namespaces kept in a file. */
export const openNamespaces = async (file: string): Promise<Namespaces> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]'
    throw error
  })
  const kept = new Map(read(file, text).map((one) => [one.name, one]))
  let saving = Promise.resolve()
  const save = () => {
    saving = saving
      .catch(() => {})
      .then(async () => {
        await writeFile(`${file}.new`, `${JSON.stringify([...kept.values()])}\n`, { mode: 0o600, flush: true })
        await rename(`${file}.new`, file)
      })
    return saving
  }
  return {
    list: () => [DEFAULT, ...kept.values()],
    get: (name) => (name === NAMESPACE ? DEFAULT : kept.get(name)),
    put: (namespace) => {
      kept.set(namespace.name, namespace)
      return save()
    },
    remove: (name) => {
      kept.delete(name)
      return save()
    },
  }
}
