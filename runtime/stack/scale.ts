import type { Document, Entry } from './document.ts'
import type { Scale } from './types.ts'

const PREFIX = 'com.openfaas.scale.'
/** OpenFaaS CE answers 400 to a deployment with one of these. */
const REFUSED = ['zero', 'zero-duration', 'target', 'type']
/** CE's own limit of replicas. */
const CE_MAX = 5
const DEFAULT: Scale = { min: 0, max: 2 }

/** The bounds of replicas from the labels, within what OpenFaaS CE accepts. */
export const readScale = (document: Document, labels: Map<string, Entry & { text: string }>): Scale => {
  for (const name of REFUSED) {
    const entry = labels.get(PREFIX + name)
    if (entry) {
      document.fail(
        entry.keyNode,
        `OpenFaaS CE refuses the label "${entry.key}": remove it (scale to zero is this runtime's default; ` +
          'the labels of OpenFaaS Pro belong into its own manifests)',
      )
    }
  }
  const read = (name: 'min' | 'max', lowest: number): number => {
    const entry = labels.get(PREFIX + name)
    if (!entry) return DEFAULT[name]
    const count = /^\d+$/.test(entry.text) ? Number(entry.text) : -1
    if (count >= lowest && count <= CE_MAX) return count
    return document.fail(
      entry.value,
      `"${entry.key}" of "${entry.text}": give a number from ${lowest} to ${CE_MAX}, CE's limit`,
    )
  }
  const [min, max] = [read('min', 0), read('max', 1)]
  return { min, max: labels.has(`${PREFIX}max`) ? max : Math.max(min, max) }
}
