import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml'

/** A mistake in stack.yml; the message starts with `file:line`. */
export class StackError extends Error {
  override name = 'StackError'
}

/** One key of a mapping with its value; either can be pointed at in an error. */
export interface Entry {
  key: string
  keyNode: Node
  value: Node
}

/** A YAML file read strictly: every access states the shape it expects. */
export interface Document {
  root: Node
  /** Throws a StackError that points at the node. */
  fail(node: Node, problem: string): never
  /** The entries of a mapping; an unknown key is an error that names the known ones. */
  entries(node: Node, what: string, known?: readonly string[]): Entry[]
  /** A scalar as text: faas-cli makes strings of unquoted numbers and booleans. */
  text(node: Node, what: string): string
  textMap(node: Node, what: string): Map<string, Entry & { text: string }>
  textList(node: Node, what: string): string[]
}

/** Parses YAML 1.2 with unique keys; aliases are followed. */
export const openDocument = (file: string, source: string): Document => {
  const lines = new LineCounter()
  const parsed = parseDocument(source, { lineCounter: lines, prettyErrors: false })
  const failAt = (offset: number, problem: string): never => {
    throw new StackError(`${file}:${lines.linePos(offset).line}: ${problem}`)
  }
  const fail = (node: Node, problem: string): never => failAt(node.range?.[0] ?? 0, problem)
  for (const error of parsed.errors) failAt(error.pos[0], error.message)
  if (!parsed.contents) return failAt(0, 'the file is empty')

  const resolve = (node: Node): Node => (isAlias(node) ? (node.resolve(parsed) ?? fail(node, 'unknown alias')) : node)

  const asMap = (node: Node, what: string): YAMLMap<Node, Node> => {
    const resolved = resolve(node)
    return isMap<Node, Node>(resolved) ? resolved : fail(node, `${what} must be a mapping`)
  }
  const entries: Document['entries'] = (node, what, known) =>
    asMap(node, what).items.map(({ key: keyNode, value }) => {
      const key = text(keyNode, `a key of ${what}`)
      if (known && !known.includes(key)) fail(keyNode, `unknown key "${key}" in ${what}; known: ${known.join(', ')}`)
      return { key, keyNode, value: value ?? fail(keyNode, `"${key}" has no value`) }
    })
  const text: Document['text'] = (node, what) => {
    const resolved = resolve(node)
    if (!isScalar(resolved) || resolved.value === null) return fail(node, `${what} must be a text`)
    return typeof resolved.value === 'string' ? resolved.value : (resolved.source ?? String(resolved.value))
  }
  const textMap: Document['textMap'] = (node, what) =>
    new Map(
      entries(node, what).map((entry) => [entry.key, { ...entry, text: text(entry.value, `${what}.${entry.key}`) }]),
    )
  const textList: Document['textList'] = (node, what) => {
    const resolved = resolve(node)
    if (!isSeq<Node>(resolved)) return fail(node, `${what} must be a list`)
    return resolved.items.map((item) => text(item, `an item of ${what}`))
  }
  return { root: parsed.contents, fail, entries, text, textMap, textList }
}
