import { openDocument } from './document.ts'
import type { Wiring } from './types.ts'
import { isTopicName, readWiring } from './wiring.ts'

/** What the annotations of a deployed function ask for, read as those of stack.yml are; throws StackError. */
export const wiringOf = (annotations: Record<string, string>): Wiring => {
  const document = openDocument('annotations', JSON.stringify(annotations, null, 1))
  // What is deployed elsewhere was looked at there, with its mappings.
  return readWiring(document, document.textMap(document.root, 'annotations'), isTopicName)
}
