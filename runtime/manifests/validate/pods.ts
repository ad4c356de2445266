import { at, list, record, text } from './look.ts'
import { isKnative, podOf, type Rule } from './rule.ts'

/** A registry before the name, for a short one each reader completes in a way of its own, and a tag or a digest after it. */
const IMAGE =
  /^[a-z0-9-]+(?:(?:\.[a-z0-9-]+)+(?::\d{1,5})?|:\d{1,5})(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)+(?::\w[\w.-]{0,127}(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/
const QUANTITY = /^\d+(?:\.\d+)?(?:m|k|Ki|M|Mi|G|Gi|T|Ti)?$/

const nameOf = (container: unknown): string => text(at(container, 'name')) || 'user-container'

/** Whether an image is named so that every registry and Knative's resolver understand the same by it. */
export const isImage = (image: string): boolean => IMAGE.test(image) && image.length <= 255

/** The first of some resources that Kubernetes takes for no quantity. */
export const oddQuantity = (resources: unknown[]): string | undefined => {
  const odd = resources
    .flatMap((one) => Object.entries(record(one)))
    .find(([, value]) => typeof value !== 'string' || !QUANTITY.test(value))
  return odd && `${odd[0]}: ${JSON.stringify(odd[1])} is no quantity`
}

/** What holds of every pod. */
export const podRules: Rule[] = [
  {
    id: 'image-reference',
    source: "Knative's admission: short image names that do not parse as a reference",
    check: (found) => {
      const wrong = podOf(found)?.containers.find((one) => !isImage(text(at(one, 'image'))))
      return wrong !== undefined && `the image ${JSON.stringify(at(wrong, 'image'))} is no REGISTRY/NAME:TAG`
    },
  },
  {
    id: 'security-context',
    source:
      'Pod Security Standards, restricted: allowPrivilegeEscalation false, capabilities drop ALL, runAsNonRoot, seccompProfile RuntimeDefault',
    check: (found) => {
      const wrong = podOf(found)?.containers.find((one) => {
        const context = at(one, 'securityContext')
        return !(
          at(context, 'allowPrivilegeEscalation') === false &&
          `${at(context, 'capabilities.drop')}` === 'ALL' &&
          at(context, 'capabilities.add') === undefined &&
          at(context, 'runAsNonRoot') === true &&
          at(context, 'privileged') !== true &&
          at(context, 'seccompProfile.type') === 'RuntimeDefault'
        )
      })
      return wrong !== undefined && `${nameOf(wrong)}: a Pod Security standard warns of its securityContext`
    },
  },
  {
    id: 'no-token',
    source: 'Kubernetes: service accounts; nothing of Junction asks the API server',
    check: (found) => {
      if (found.kind === 'ServiceAccount') {
        return at(found.value, 'automountServiceAccountToken') !== false && 'its token is mounted'
      }
      const pod = podOf(found)
      return pod && at(pod.spec, 'automountServiceAccountToken') !== false && 'the token of its account is mounted'
    },
  },
  {
    id: 'writable-tmp',
    source: 'OpenFaaS: readonly_root_filesystem = securityContext + emptyDir /tmp',
    check: (found) => {
      const wrong = podOf(found)?.containers.find(
        (one) =>
          at(one, 'securityContext.readOnlyRootFilesystem') === true &&
          !list(at(one, 'volumeMounts')).some((mount) => at(mount, 'mountPath') === '/tmp'),
      )
      return wrong !== undefined && `${nameOf(wrong)} has a read-only root and no /tmp`
    },
  },
  {
    id: 'quantity',
    source: 'Kubernetes: quantities of resources',
    check: (found) =>
      oddQuantity(
        (podOf(found)?.containers ?? []).flatMap((one) => [at(one, 'resources.limits'), at(one, 'resources.requests')]),
      ),
  },
  {
    id: 'unique-env',
    source: 'Kubernetes: of two variables of one name the last counts',
    check: (found) => {
      for (const one of podOf(found)?.containers ?? []) {
        const names = list(at(one, 'env')).map((variable) => at(variable, 'name'))
        const twice = names.find((name, i) => names.indexOf(name) !== i)
        if (twice !== undefined) return `${nameOf(one)} has the variable ${twice} twice`
        const wrong = list(at(one, 'env')).find((variable) => typeof at(variable, 'value') !== 'string')
        if (wrong !== undefined) return `the variable ${at(wrong, 'name')} of ${nameOf(one)} is no text`
      }
      return undefined
    },
  },
  {
    id: 'probes',
    source: 'OpenFaaS: a function without a watchdog offers /_/health and /_/ready',
    check: (found) => {
      if (found.kind === 'Job') return undefined
      const wrong = podOf(found)?.containers.find((one) =>
        ['livenessProbe', 'readinessProbe'].some((probe) => !/^\//.test(text(at(one, `${probe}.httpGet.path`)))),
      )
      return wrong !== undefined && `${nameOf(wrong)} is not asked whether it lives and is ready`
    },
  },
  {
    id: 'probe-port',
    source: 'Kubernetes: a probe names a port of its container; Knative takes that of the container',
    check: (found) => {
      if (isKnative(found) || found.kind === 'Job') return undefined
      for (const one of podOf(found)?.containers ?? []) {
        const ports = list(at(one, 'ports')).flatMap((port) => [at(port, 'name'), at(port, 'containerPort')])
        for (const probe of ['livenessProbe', 'readinessProbe']) {
          const port = at(one, `${probe}.httpGet.port`)
          if (!ports.includes(port)) return `${probe} of ${nameOf(one)} asks port ${port}, which it has not`
        }
      }
      return undefined
    },
  },
  {
    id: 'job-restart',
    source: 'Kubernetes: the pods of a Job restart Never or OnFailure',
    check: (found) =>
      found.kind === 'Job' &&
      !['Never', 'OnFailure'].includes(text(at(podOf(found)?.spec, 'restartPolicy'))) &&
      'its pods say not when they restart',
  },
]
