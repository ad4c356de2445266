import type { StackFunction } from '../../stack/types.ts'
import { labelsOf, manifest, settingsAnnotation, sorted } from '../common.ts'
import { disruptionBudget } from '../connector.ts'
import { functionContainer, ownMetadata } from '../pod.ts'
import { probesOf } from '../probes.ts'
import { bringsSettings } from '../secrets.ts'
import { DRAIN, graceSeconds } from '../times.ts'
import type { Manifest, Plan } from '../types.ts'
import { scaledObject } from './scaled-object.ts'

/** A function as a Deployment with its Service, and what scales it. */
export const kedaFunction = (plan: Plan, one: StackFunction): Manifest[] => {
  const labels = labelsOf(one.name, 'function')
  const scaled = scaledObject(plan, one)
  const { container, volumes } = functionContainer(plan, one, { DRAIN_DELAY: DRAIN })
  const { labels: own, annotations } = ownMetadata(one)
  return [
    manifest(plan, ['apps/v1', 'Deployment'], one.name, {
      labels,
      spec: {
        // A ScaledObject says how many there are, and would be contradicted at each apply.
        ...(scaled.manifests.length === 0 && { replicas: scaled.least }),
        selector: { matchLabels: labels },
        template: {
          metadata: {
            labels: { ...own, ...labels },
            annotations: sorted({ ...annotations, ...(bringsSettings(one) && settingsAnnotation(plan)) }),
          },
          spec: {
            serviceAccountName: 'junction-function',
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            terminationGracePeriodSeconds: graceSeconds(plan, one),
            ...(one.constraints.length > 0 && { nodeSelector: nodeSelector(plan, one) }),
            containers: [
              {
                name: 'function',
                ...container,
                ports: [{ name: 'http', containerPort: 8080 }],
                ...probesOf(one, { port: 'http' }),
              },
            ],
            volumes,
          },
        },
      },
    }),
    manifest(plan, ['v1', 'Service'], one.name, {
      labels,
      spec: { type: 'ClusterIP', selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    }),
    ...scaled.manifests,
    ...(scaled.least >= 2 ? [disruptionBudget(plan, one.name, labels)] : []),
  ]
}

const nodeSelector = (plan: Plan, { name, constraints }: StackFunction): Record<string, string> =>
  sorted(
    Object.fromEntries(
      constraints.flatMap((text) => {
        const [, key, value] = /^\s*([^=!\s]+)\s*==?\s*(\S+)\s*$/.exec(text) ?? []
        if (key && value) return [[key, value]]
        plan.warn(`the constraint "${text}" is left out: only key=value can be a nodeSelector`, name)
        return []
      }),
    ),
  )
