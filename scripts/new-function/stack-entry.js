import { Document, parseDocument, Scalar } from 'yaml'

/** Taken over from the first function, as they are written there. */
const SHARED = ['labels', 'limits', 'readonly_root_filesystem', 'secrets']

/**
 * The text of stack.yml with one more function at the end of `functions`. The rest of it is not touched: no comment,
 * blank line or quote of it changes.
 */
export function withEntry(text, name, { comment, annotations }) {
  const functions = parseDocument(text).get('functions', true)
  const [first] = functions.items
  const entry = new Document({ [name]: entryOf(name, first, annotations) })
  for (const { value } of entry.getIn([name, 'annotations'])?.items ?? []) value.type = Scalar.QUOTE_DOUBLE
  for (const key of SHARED) {
    const node = first.value.get(key, true)
    if (node) entry.setIn([name, key], node.clone())
  }
  const lines = entry.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd().split('\n')
  const indented = [`# ${comment}`, ...lines].map((line) => `  ${line}`).join('\n')

  const lastChar = text.slice(0, functions.range[1]).trimEnd().length
  const endOfLine = text.indexOf('\n', lastChar)
  const end = endOfLine < 0 ? text.length : endOfLine
  return `${text.slice(0, end)}\n\n${indented}${text.slice(end) || '\n'}`
}

function entryOf(name, first, annotations) {
  const [image, other] = [first.value.get('image'), `/${first.key.value}:`]
  return {
    lang: 'node-ts',
    handler: `./functions/${name}`,
    image: image.includes(other) ? image.replace(other, `/${name}:`) : `${name}:latest`,
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  }
}
