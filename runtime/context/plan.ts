import type { Node } from 'yaml'
import { type Document, openDocument } from '../stack/document.ts'
import { envsubst } from '../stack/envsubst.ts'

/** What of a function of stack.yml its image is built from. */
export interface FunctionSource {
  name: string
  lang: string
  /** The folder of its handler, as written. */
  handler: string
  image: string
  buildArgs: Record<string, string>
}

/** What of stack.yml says how images are built. */
export interface BuildPlan {
  functions: FunctionSource[]
  /** `configuration.copy`: what goes into the context of every function. */
  copy: string[]
}

/** Reads what faas-cli reads of a stack file to build; other keys are left to those who deploy. */
export const readBuildPlan = (file: string, text: string, env: Record<string, string | undefined>): BuildPlan => {
  const document = openDocument(file, envsubst(text, env))
  const top = valuesOf(document, document.root, 'stack.yml')
  const functions = top.get('functions') ?? document.fail(document.root, '"functions" is missing')
  const configuration = top.get('configuration')
  const copy = configuration && valuesOf(document, configuration, 'configuration').get('copy')
  return {
    functions: document.entries(functions, 'functions').map(({ key, value }) => readFunction(document, key, value)),
    copy: copy ? document.textList(copy, 'configuration.copy') : [],
  }
}

const valuesOf = (document: Document, node: Node, what: string): Map<string, Node> =>
  new Map(document.entries(node, what).map(({ key, value }) => [key, value]))

const readFunction = (document: Document, name: string, node: Node): FunctionSource => {
  const keys = valuesOf(document, node, `function ${name}`)
  const text = (key: string): string => {
    const value = keys.get(key)
    return (value && document.text(value, `${name}.${key}`)) || document.fail(node, `function ${name} needs "${key}"`)
  }
  const buildArgs = keys.get('build_args')
  const given = buildArgs ? [...document.textMap(buildArgs, `${name}.build_args`).values()] : []
  return {
    name,
    lang: text('lang'),
    handler: text('handler'),
    image: text('image'),
    buildArgs: Object.fromEntries(given.map(({ key, text }) => [key, text])),
  }
}
