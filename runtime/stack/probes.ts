import { type Document, type Entry, StackError } from './document.ts'
import type { Probe, Probes } from './types.ts'

const LIVE = 'com.openfaas.health.http.'
const READY = 'com.openfaas.ready.http.'
const NAMES = ['path', 'initialDelaySeconds', 'periodSeconds', 'timeoutSeconds', 'failureThreshold']
/** Of readiness alone: one success makes a replica live. */
const SUCCESSES = 'successThreshold'

/** Tells of a mistake in an annotation. */
type Fail = (annotation: string, problem: string) => never

/**
 * The probes that the annotations `com.openfaas.health.http.*` and `com.openfaas.ready.http.*` ask for, with Kubernetes'
 * defaults for what is not given; none without one of them. Throws StackError.
 */
export const probesOf = (annotations: Record<string, string>): Probes =>
  readAnnotations(annotations, (_annotation, problem) => {
    throw new StackError(problem)
  })

/** The same for a function of stack.yml. */
export const readProbes = (document: Document, annotations: Map<string, Entry & { text: string }>): Probes =>
  readAnnotations(Object.fromEntries([...annotations].map(([key, { text }]) => [key, text])), (annotation, problem) =>
    document.fail((annotations.get(annotation) as Entry).value, problem),
  )

const readAnnotations = (annotations: Record<string, string>, fail: Fail): Probes => {
  const live = readProbe(annotations, LIVE, NAMES, '/_/health', fail)
  const ready = readProbe(annotations, READY, [...NAMES, SUCCESSES], '/_/ready', fail)
  return { ...(live && { live }), ...(ready && { ready }) }
}

const readProbe = (
  annotations: Record<string, string>,
  prefix: string,
  names: string[],
  defaultPath: string,
  fail: Fail,
): Probe | undefined => {
  const given = Object.keys(annotations).filter((key) => key.startsWith(prefix))
  if (given.length === 0) return undefined
  for (const key of given) {
    if (!names.includes(key.slice(prefix.length)))
      fail(key, `unknown annotation "${key}"; known: ${names.map((name) => prefix + name).join(', ')}`)
  }
  const count = (name: string, lowest: number, highest: number, otherwise: number): number => {
    const text = annotations[prefix + name]
    if (text === undefined) return otherwise
    const value = /^\d{1,5}$/.test(text) ? Number(text) : -1
    return value >= lowest && value <= highest
      ? value
      : fail(
          prefix + name,
          `"${prefix}${name}" of "${text.slice(0, 64)}": give a whole number from ${lowest} to ${highest}`,
        )
  }
  const path = annotations[`${prefix}path`] ?? defaultPath
  if (!/^\/[\x21-\x7e]{0,1023}$/.test(path)) {
    fail(
      `${prefix}path`,
      `"${prefix}path" of "${path.slice(0, 64)}": give a path that starts with "/", without spaces, of at most 1024 characters`,
    )
  }
  return {
    path,
    initialDelayMs: count('initialDelaySeconds', 0, 3600, 0) * 1000,
    periodMs: count('periodSeconds', 1, 3600, 10) * 1000,
    timeoutMs: count('timeoutSeconds', 1, 60, 1) * 1000,
    failureThreshold: count('failureThreshold', 1, 100, 3),
    successThreshold: count(SUCCESSES, 1, 100, 1),
  }
}
