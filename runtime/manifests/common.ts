import { createHash } from 'node:crypto'
import type { Manifest, Plan } from './types.ts'

/** Where functions and connector find their secrets, on every platform. */
export const SECRETS_PATH = '/var/openfaas/secrets'
/** The ConfigMap of settings that functions and connector share. */
export const SETTINGS = 'junction-settings'
/** Labels of namespaces whose pods may call functions and read metrics. */
export const MAY_CALL = { 'city.junction/may-call': 'true' }

/** The labels of an object, by which it is selected. */
export const labelsOf = (name: string, component: 'function' | 'connector' | 'migrations' | 'settings') => ({
  'app.kubernetes.io/component': component,
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/part-of': 'junction',
})

/** An object of Kubernetes with its fields in the order they are read in. */
export const manifest = (
  plan: Pick<Plan, 'namespace'>,
  [apiVersion, kind]: readonly [string, string],
  name: string,
  {
    labels,
    annotations,
    ...fields
  }: { labels?: Record<string, string>; annotations?: Record<string, string> } & Record<string, unknown>,
): Manifest => ({
  apiVersion,
  kind,
  metadata: {
    name,
    namespace: plan.namespace,
    ...(labels && { labels }),
    ...(annotations && Object.keys(annotations).length > 0 && { annotations: sorted(annotations) }),
  },
  ...fields,
})

/** The entries of a record in the order of their names. */
export const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))

/** A short name for what something holds: another content, another name. */
export const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 10)

/** Restarts pods where a setting has changed, which by itself Kubernetes does not. */
export const settingsAnnotation = (plan: Plan): Record<string, string> => ({
  'checksum/settings': hashOf(sorted(plan.settings)),
})

/** The address of a function inside the cluster. */
export const addressOf = (plan: Plan, name: string): string => `http://${name}.${plan.namespace}.svc.cluster.local`
