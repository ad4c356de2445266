import type { StackFunction } from '../stack/types.ts'
import { SECRETS_PATH, SETTINGS, sorted } from './common.ts'
import { isProbeAnnotation } from './probes.ts'
import { isScaleLabel } from './scale.ts'
import { bringsSettings, secretsOf } from './secrets.ts'
import type { Plan } from './types.ts'

/** What no Pod Security standard warns of. */
export const securityContext = (readOnlyRootFilesystem: boolean) => ({
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem,
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
})

/** Volumes with where they are mounted: secrets as files of their names, and a `/tmp` to write to. */
export const volumesOf = (secrets: { name: string; needed: boolean }[]) => ({
  volumeMounts: [
    ...(secrets.length > 0 ? [{ name: 'secrets', mountPath: SECRETS_PATH, readOnly: true }] : []),
    { name: 'tmp', mountPath: '/tmp' },
  ],
  volumes: [
    ...(secrets.length > 0 ? [{ name: 'secrets', projected: { sources: secrets.map(projected) } }] : []),
    { name: 'tmp', emptyDir: {} },
  ],
})

const projected = ({ name, needed }: { name: string; needed: boolean }) => ({
  secret: { name, items: [{ key: name, path: name }], ...(!needed && { optional: true }) },
})

/** Variables as Kubernetes lists them. */
export const envList = (variables: Record<string, string>) =>
  Object.entries(sorted(variables)).map(([name, value]) => ({ name, value }))

/** The settings that all share, for who brings the secrets they go with. */
export const sharedSettings = [{ configMapRef: { name: SETTINGS } }]

/** The tag of an image, `latest` where it has none. */
export const tagOf = (image: string): string => /:([\w.-]+)(?:@.*)?$/.exec(image)?.[1] ?? 'latest'

/** The container of a function, but for its ports and probes. */
export const functionContainer = (plan: Plan, one: StackFunction, extra: Record<string, string> = {}) => {
  const own = bringsSettings(one)
  // Kubernetes cannot tell whether a name is that of root.
  if (!own)
    plan.warn(
      'its image must name its user by number, as in USER 1000: with a name, as in USER app, no pod starts',
      one.name,
    )
  const { volumeMounts, volumes } = volumesOf(secretsOf(plan, one))
  const variables = {
    ...(own && { FUNCTION_NAME: one.name, FUNCTION_VERSION: tagOf(one.image) }),
    ...(one.envProcess && { fprocess: one.envProcess }),
    ...(own ? extra : {}),
    ...one.environment,
  }
  const env = envList(variables)
  return {
    volumes,
    container: {
      image: one.image,
      ...(own && { envFrom: sharedSettings }),
      ...(env.length > 0 && { env }),
      ...resourcesOf(one),
      securityContext: securityContext(one.readOnlyRootFilesystem),
      volumeMounts,
    },
  }
}

/** Labels and annotations that ask nothing of a platform, as they are. */
export const ownMetadata = ({ labels, annotations }: StackFunction) => ({
  labels: sorted(Object.fromEntries(Object.entries(labels).filter(([name]) => !isScaleLabel(name)))),
  annotations: Object.fromEntries(Object.entries(annotations).filter(([name]) => !isProbeAnnotation(name))),
})

const resourcesOf = ({ limits, requests }: StackFunction) =>
  limits || requests
    ? { resources: { ...(limits && { limits: sorted(limits) }), ...(requests && { requests: sorted(requests) }) } }
    : {}
