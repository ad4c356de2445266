import { parseDuration } from '#shared/contracts/duration.ts'
import { type Document, type Entry, StackError } from './document.ts'
import type { LoadRule, Scale } from './types.ts'

const PREFIX = 'com.openfaas.scale.'
const NAMES = ['min', 'max', 'zero', 'zero-duration', 'type', 'target', 'target-proportion', 'down.window', 'factor']
const TYPES: LoadRule['type'][] = ['rps', 'capacity', 'cpu', 'queue']
/** OpenFaaS CE answers 400 to a deployment with one of these. */
const REFUSED = ['zero', 'zero-duration', 'target', 'type']
/** CE's own limit of replicas, and that of one machine. */
const CE_MAX = 5
const MAX = 100
const DEFAULT_MAX = 2
/** OpenFaaS's own defaults, where a load rule is asked for. */
const DEFAULT_RULE: LoadRule = { type: 'rps', target: 50, proportion: 0.9, downWindowMs: 0 }

/** Tells of a mistake in the value of a label. */
type Fail = (label: string, problem: string) => never

/**
 * What the labels `com.openfaas.scale.*` of a function mean here; throws StackError. A label that is not given means
 * what this runtime does by itself, not OpenFaaS's default:
 *
 * | zero | min | replicas |
 * |---|---|---|
 * | not given | not given, or 0 | none while idle, one or more while awake |
 * | not given, or "false" | n ≥ 1 | n are kept alive |
 * | "false" | not given | one is kept alive |
 * | "false" | 0 | refused: they contradict each other |
 * | "true" | n | none while idle, max(1, n) or more while awake; they go together |
 *
 * | label | not given | given |
 * |---|---|---|
 * | zero-duration | 60 s | idle time before all replicas go; without effect where some are kept |
 * | max | 2, or min where that is more | 1 to 100 |
 * | type, target, target-proportion, down.window | one more starts while calls fill all there are | any of them: the formula, with rps, 50, 0.9 and off for those that are not given |
 * | type = cpu | | needs Linux (/proc) |
 * | type = another name | | refused: a rule of one's own needs OpenFaaS Pro's Prometheus |
 * | factor | 20 | percent of max that an alert adds; 0: alerts change nothing. Where the formula rules, alerts do not |
 */
export const scaleOf = (labels: Record<string, string>, platform = process.platform): Scale =>
  readLabels(labels, platform, (_label, problem) => {
    throw new StackError(problem)
  })

/** The same for a function of stack.yml, within what OpenFaaS CE accepts. */
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
  for (const name of ['min', 'max']) {
    const entry = labels.get(PREFIX + name)
    if (entry && !(Number(entry.text) <= CE_MAX)) {
      document.fail(
        entry.value,
        `"${entry.key}" of "${entry.text}": give a number from ${name === 'min' ? 0 : 1} to ${CE_MAX}, CE's limit`,
      )
    }
  }
  const plain = Object.fromEntries([...labels].map(([key, { text }]) => [key, text]))
  return readLabels(plain, process.platform, (label, problem) =>
    document.fail((labels.get(label) as Entry).value, problem),
  )
}

const readLabels = (labels: Record<string, string>, platform: string, failAt: Fail): Scale => {
  for (const key of Object.keys(labels)) {
    if (key.startsWith(PREFIX) && !NAMES.includes(key.slice(PREFIX.length)))
      failAt(key, `unknown label "${key}"; known: ${NAMES.map((name) => PREFIX + name).join(', ')}`)
  }
  const fail = (name: string, problem: string): never =>
    failAt(PREFIX + name, `"${PREFIX}${name}" of "${labels[PREFIX + name]?.slice(0, 64)}": ${problem}`)
  const read = <T>(name: string, value: (text: string) => T): T | undefined => {
    const text = labels[PREFIX + name]
    return text === undefined ? undefined : value(text)
  }
  const count = (name: string, lowest: number, highest: number) =>
    read(name, (text) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : -1
      return value >= lowest && value <= highest
        ? value
        : fail(name, `give a whole number from ${lowest} to ${highest}`)
    })
  const number = (name: string, highest: number) =>
    read(name, (text) => {
      const value = /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : 0
      return value > 0 && value <= highest ? value : fail(name, `give a number above 0, at most ${highest}`)
    })
  const duration = (name: string, least: string, most: string) =>
    read(name, (text) => {
      const value = durationOf(text)
      return value >= parseDuration(least) && value <= parseDuration(most)
        ? value
        : fail(name, `give a duration from ${least} to ${most}, such as 90s or 5m`)
    })

  const least = count('min', 0, MAX)
  const max = count('max', 1, MAX)
  const zero = read('zero', (text) =>
    text === 'true' || text === 'false' ? text === 'true' : fail('zero', 'give "true" or "false"'),
  )
  if (max !== undefined && (least ?? 0) > max) fail('min', `it is more than "${PREFIX}max", ${max}`)
  if (zero === false && least === 0) fail('zero', `it contradicts "${PREFIX}min" of "0": remove one of them`)
  const min = zero === true ? 0 : (least ?? (zero === false ? 1 : 0))
  const idleMs = duration('zero-duration', '1s', '24h')
  const load = {
    type: read('type', (text) => typeOf(text, platform, (problem) => fail('type', problem))),
    target: number('target', 1e9),
    proportion: number('target-proportion', 1),
    downWindowMs: duration('down.window', '0s', '5m'),
  }
  const factor = count('factor', 0, 100)
  return {
    min,
    max: max ?? Math.max(DEFAULT_MAX, least ?? 0),
    ...(least !== undefined && least > Math.max(1, min) && { awake: least }),
    ...(idleMs !== undefined && { idleMs }),
    ...(Object.values(load).some((value) => value !== undefined) && { load: { ...DEFAULT_RULE, ...given(load) } }),
    ...(factor !== undefined && { factor }),
  }
}

const typeOf = (text: string, platform: string, fail: (problem: string) => never): LoadRule['type'] => {
  const type = TYPES.find((one) => one === text)
  if (type === undefined)
    return fail(`give one of ${TYPES.join(', ')}; rules of one's own need the Prometheus of OpenFaaS Pro`)
  if (type === 'cpu' && platform !== 'linux')
    return fail(`the processor time of replicas is known on Linux alone, not on ${platform}: give rps or capacity`)
  return type
}

const durationOf = (text: string): number => {
  try {
    return parseDuration(text)
  } catch {
    return Number.NaN
  }
}

const given = (rule: { [K in keyof LoadRule]: LoadRule[K] | undefined }): Partial<LoadRule> =>
  Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined))
