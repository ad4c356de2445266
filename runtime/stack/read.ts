import type { Node } from 'yaml'
import { readMappings } from '#shared/contracts/mapping.ts'
import { RELAY } from '../connector/relay.ts'
import { type Document, type Entry, openDocument } from './document.ts'
import { envsubst } from './envsubst.ts'
import { NAMESPACE } from './key.ts'
import { readProbes } from './probes.ts'
import { checkRetry } from './retry.ts'
import { readScale, scaleOf } from './scale.ts'
import type { Stack, StackFunction } from './types.ts'
import { readWiring } from './wiring.ts'

/** What reading stack.yml needs from outside. */
export interface StackSource {
  /** The file's name as errors show it. */
  file: string
  text: string
  /** Values for `${NAME:-default}`. */
  env: Record<string, string | undefined>
  /** Whose labels of scaling it may bear: those OpenFaaS CE takes, unless it is for another platform. */
  platform?: 'ce' | 'any'
  /** Whether a folder named by `handler` is there. */
  isFolder(path: string): boolean
  /** The text of a file named by `environment_file`, undefined when it is missing. */
  readText(path: string): string | undefined
}

const TOP = ['version', 'provider', 'functions', 'configuration']
/** Every key faas-cli reads of a function (go-sdk: stack/schema.go). */
const FUNCTION_KEYS = [
  ...[
    'lang',
    'handler',
    'image',
    'fprocess',
    'environment',
    'environment_file',
    'secrets',
    'skip_build',
    'constraints',
  ],
  ...['labels', 'annotations', 'limits', 'requests', 'readonly_root_filesystem', 'build_options', 'build_args'],
  ...['build_secrets', 'platforms', 'namespace'],
]
/** CE takes no function beyond these. */
const MAX_FUNCTIONS = 15
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/** Reads stack.yml strictly; any mistake is a StackError that names file and line and what to do. */
export const readStack = (source: StackSource): Stack => {
  const document = openDocument(source.file, envsubst(source.text, source.env))
  const top = byKey(document.entries(document.root, 'stack.yml', TOP))
  const version = top.get('version')
  if (version && document.text(version.value, 'version') !== '1.0') document.fail(version.value, 'version must be 1.0')
  const provider = top.get('provider')
  if (provider) checkProvider(document, provider.value)
  const functions = top.get('functions') ?? document.fail(document.root, '"functions" is missing')
  const list = document.entries(functions.value, 'functions')
  const tooMany = list[MAX_FUNCTIONS]
  if (tooMany)
    document.fail(tooMany.keyNode, `OpenFaaS CE takes ${MAX_FUNCTIONS} functions, this stack has ${list.length}`)
  return { functions: list.map((entry) => readFunction(source, document, entry)) }
}

const byKey = (entries: Entry[]) => new Map(entries.map((entry) => [entry.key, entry]))

const checkProvider = (document: Document, node: Node): void => {
  const name = byKey(document.entries(node, 'provider', ['name', 'gateway'])).get('name')
  if (name && document.text(name.value, 'provider.name') !== 'openfaas') {
    document.fail(name.value, 'provider.name must be openfaas')
  }
}

const readFunction = (source: StackSource, document: Document, { key: name, keyNode, value }: Entry): StackFunction => {
  if (!DNS_LABEL.test(name))
    document.fail(keyNode, `the name "${name}" must be a DNS label: a-z, 0-9 and "-", at most 63`)
  if (name === RELAY)
    document.fail(keyNode, `the name "${name}" is taken by what forwards the log to a broker: rename the function`)
  const keys = byKey(document.entries(value, `function ${name}`, FUNCTION_KEYS))
  const text = (key: string): string | undefined => {
    const entry = keys.get(key)
    return entry && document.text(entry.value, `${name}.${key}`)
  }
  const needed = (key: string): string =>
    text(key) || document.fail(keys.get(key)?.value ?? keyNode, `function ${name} needs "${key}"`)
  const map = (key: string) => {
    const entry = keys.get(key)
    return entry ? document.textMap(entry.value, `${name}.${key}`) : new Map<string, Entry & { text: string }>()
  }
  const list = (key: string): string[] => {
    const entry = keys.get(key)
    return entry ? document.textList(entry.value, `${name}.${key}`) : []
  }
  const resources = (key: string) => (keys.has(key) ? plain(map(key)) : undefined)

  const handler = needed('handler')
  if (!source.isFolder(handler)) {
    document.fail(
      keys.get('handler')?.value ?? keyNode,
      `the handler folder ${handler} of function ${name} does not exist`,
    )
  }
  const namespace = text('namespace')
  if (namespace && namespace !== NAMESPACE) {
    document.fail(
      keys.get('namespace')?.value ?? keyNode,
      'OpenFaaS CE knows the namespace openfaas-fn only: remove "namespace"',
    )
  }
  const [labels, annotations] = [map('labels'), map('annotations')]
  for (const { key, keyNode: at } of annotations.values()) {
    if (/amazonaws\.com|gke\.io/.test(key)) document.fail(at, `OpenFaaS CE refuses the annotation "${key}"`)
  }
  checkRetry(document, annotations)
  const environment = {
    ...plain(map('environment')),
    ...fromFiles(source, document, keys.get('environment_file'), name),
  }
  const mappings = mappingsOf(document, environment, keys.get('environment')?.value ?? keyNode, name)
  return {
    name,
    namespace: NAMESPACE,
    image: needed('image'),
    program: { kind: 'built', folder: handler },
    environment,
    secrets: list('secrets'),
    labels: plain(labels),
    annotations: plain(annotations),
    constraints: list('constraints'),
    limits: resources('limits'),
    requests: resources('requests'),
    readOnlyRootFilesystem: text('readonly_root_filesystem') === 'true',
    envProcess: text('fprocess'),
    scale: source.platform === 'any' ? scaleOf(plain(labels), 'linux') : readScale(document, labels),
    probes: readProbes(document, annotations),
    wiring: readWiring(document, annotations, (topic) => mappings.has(topic)),
  }
}

const plain = (map: Map<string, { text: string }>): Record<string, string> =>
  Object.fromEntries([...map].map(([key, { text }]) => [key, text]))

const mappingsOf = (document: Document, { MAPPINGS = '{}' }: Record<string, string>, node: Node, name: string) => {
  try {
    return readMappings(MAPPINGS)
  } catch (error) {
    return document.fail(node, `MAPPINGS of function ${name}: ${(error as Error).message}`)
  }
}

/** Files override the inline environment, each the one before (as faas-cli does). */
const fromFiles = (source: StackSource, document: Document, entry: Entry | undefined, name: string) => {
  const environment: Record<string, string> = {}
  for (const path of entry ? document.textList(entry.value, `${name}.environment_file`) : []) {
    const text =
      source.readText(path) ?? document.fail((entry as Entry).value, `the environment_file ${path} does not exist`)
    const file = openDocument(path, envsubst(text, source.env))
    for (const { value } of file.entries(file.root, path, ['environment'])) {
      Object.assign(environment, plain(file.textMap(value, 'environment')))
    }
  }
  return environment
}
