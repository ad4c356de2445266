import type { BusUrl } from '#shared/bus/url.ts'
import type { StackFunction } from '../stack/types.ts'

/** What manifests can be made for. */
export const TARGETS = ['knative', 'keda', 'openfaas-ce', 'openfaas-pro'] as const
export type Target = (typeof TARGETS)[number]

/** Who brings events to functions: Junction's connector, or Knative's own sources. */
export const DELIVERIES = ['connector', 'sources'] as const
export type Delivery = (typeof DELIVERIES)[number]

/** An object of Kubernetes as it is written. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  [field: string]: unknown
}

/** What cannot be said on a target, or needs a hand. */
export interface Warning {
  /** The function it is about; none where it is about all. */
  function?: string
  text: string
}

/** What manifests are made from. */
export interface Plan {
  target: Target
  delivery: Delivery
  /** Where functions, connector, secrets and settings live. */
  namespace: string
  functions: StackFunction[]
  /** Settings that all of Junction's own processes share, by name. */
  settings: Record<string, string>
  bus: BusUrl
  connectorImage: string
  /** Functions that get an address outside of the cluster. */
  exposed: string[]
  warn(text: string, functionName?: string): void
}

/** One file of the folder that is written: objects, or a text as it is. */
export type ManifestFile = { path: string; about: string } & (
  | { manifests: Manifest[]; function?: string }
  | { text: string }
)

/** Everything of one target. */
export interface Generated {
  files: ManifestFile[]
  warnings: Warning[]
  /** Secrets that have to be there before, each with a key of its own name. */
  secrets: { name: string; needed: boolean }[]
}
