import type { Target } from '../types.ts'
import { at, list, record, text } from './look.ts'

/** An object as it was read back from what is to be written. */
export interface Found {
  /** The file and the object in it. */
  where: string
  kind: string
  apiVersion: string
  name: string
  value: unknown
}

/** What a rule sees beside the object it looks at. */
export interface Setting {
  target: Target
  all: Found[]
  /** Secrets whose names are told to whoever applies the files. */
  secrets: string[]
}

/** One thing that would be refused, or not work: `check` tells what is wrong, or nothing. */
export interface Rule {
  id: string
  /** What says so. */
  source: string
  check(found: Found, setting: Setting): string | undefined | false
}

/** The pod an object starts, with the labels it bears. */
export interface Pod {
  labels: Record<string, unknown>
  spec: unknown
  containers: unknown[]
}

const TEMPLATES: Record<string, string> = {
  Deployment: 'spec.template',
  Job: 'spec.template',
  'serving.knative.dev Service': 'spec.template',
}

/** Whether it is a Service of Knative, which has its name in common with that of Kubernetes. */
export const isKnative = ({ kind, apiVersion }: Found): boolean =>
  kind === 'Service' && apiVersion.startsWith('serving.knative.dev/')

/** The pod of an object, undefined where it starts none. */
export const podOf = (found: Found): Pod | undefined => {
  const place = TEMPLATES[isKnative(found) ? 'serving.knative.dev Service' : found.kind]
  if (place === undefined) return undefined
  const template = at(found.value, place)
  const spec = at(template, 'spec')
  const labels = record(at(template, 'metadata.labels'))
  // Knative adds it to the pods of a Service.
  const added = isKnative(found) ? { 'serving.knative.dev/service': found.name } : {}
  return { labels: { ...labels, ...added }, spec, containers: list(at(spec, 'containers')) }
}

/** Whether labels bear all that a selector asks for; one that asks for nothing selects nothing here. */
export const selects = (selector: unknown, labels: Record<string, unknown>): boolean => {
  const asked = Object.entries(record(selector))
  return asked.length > 0 && asked.every(([key, value]) => labels[key] === value)
}

/** A whole number from a text, undefined for any other. */
export const wholeOf = (value: unknown): number | undefined => (/^-?\d+$/.test(text(value)) ? Number(value) : undefined)
