import { at, list, record, text } from './look.ts'
import type { Rule } from './rule.ts'

/** What a trigger has to say, of those that are known here. */
const NEEDED: Record<string, string[]> = {
  kafka: ['bootstrapServers', 'consumerGroup', 'topic'],
  'metrics-api': ['url', 'valueLocation', 'targetValue'],
  prometheus: ['serverAddress', 'query', 'threshold'],
  'nats-jetstream': ['natsServerMonitoringEndpoint', 'account', 'stream', 'consumer'],
  cron: ['timezone', 'start', 'end', 'desiredReplicas'],
  cpu: ['value'],
}

/** What KEDA refuses, or cannot work with. */
export const kedaRules: Rule[] = [
  {
    id: 'keda-target',
    source: 'KEDA: a ScaledObject scales a Deployment, not a Service of Knative',
    check: (found, { all }) => {
      if (found.kind !== 'ScaledObject') return undefined
      const target = at(found.value, 'spec.scaleTargetRef')
      const kind = text(at(target, 'kind')) || 'Deployment'
      const there = all.some((one) => one.kind === 'Deployment' && one.name === at(target, 'name'))
      return (
        !(kind === 'Deployment' && there) &&
        `it scales a ${kind} ${at(target, 'name')}, which is no Deployment that is there`
      )
    },
  },
  {
    id: 'keda-alone',
    source: 'KEDA: replicas of a Deployment that it scales would be set back at each apply',
    check: (found, { all }) =>
      found.kind === 'Deployment' &&
      at(found.value, 'spec.replicas') !== undefined &&
      all.some(({ kind, value }) => kind === 'ScaledObject' && at(value, 'spec.scaleTargetRef.name') === found.name) &&
      'a ScaledObject and its replicas contradict each other',
  },
  {
    id: 'keda-replicas',
    source: 'KEDA: minReplicaCount 0 to maxReplicaCount',
    check: ({ kind, value }) => {
      const [least, most] = ['minReplicaCount', 'maxReplicaCount'].map((field) => at(value, `spec.${field}`))
      const fits =
        Number.isInteger(least) &&
        Number.isInteger(most) &&
        Number(least) >= 0 &&
        Number(most) >= 1 &&
        Number(least) <= Number(most)
      return kind === 'ScaledObject' && !fits && `${least} to ${most} replicas cannot be`
    },
  },
  {
    id: 'keda-trigger',
    source: 'KEDA: a trigger is of a known type and says where to look, in texts',
    check: ({ kind, value }) => {
      if (kind !== 'ScaledObject') return undefined
      const triggers = list(at(value, 'spec.triggers'))
      if (triggers.length === 0) return 'it has no trigger'
      for (const trigger of triggers) {
        const [type, metadata] = [text(at(trigger, 'type')), record(at(trigger, 'metadata'))]
        const missing = NEEDED[type]?.find((field) => text(metadata[field]) === '')
        if (NEEDED[type] === undefined) return `the trigger ${type} is not known here`
        if (missing !== undefined) return `the trigger ${type} lacks ${missing}`
        const odd = Object.entries(metadata).find(([, one]) => typeof one !== 'string')
        if (odd) return `${odd[0]} of the trigger ${type} is no text`
      }
      return undefined
    },
  },
  {
    id: 'keda-kafka',
    source: 'KEDA: offsetResetPolicy earliest or latest; lagThreshold above 0',
    check: ({ kind, value }) => {
      if (kind !== 'ScaledObject') return undefined
      const wrong = list(at(value, 'spec.triggers')).find((trigger) => {
        const { offsetResetPolicy = 'latest', lagThreshold = '10' } = record(at(trigger, 'metadata'))
        return (
          at(trigger, 'type') === 'kafka' &&
          !(['earliest', 'latest'].includes(text(offsetResetPolicy)) && Number(lagThreshold) > 0)
        )
      })
      return wrong !== undefined && 'its offsetResetPolicy or its lagThreshold is none that KEDA takes'
    },
  },
  {
    id: 'keda-cpu',
    source:
      "KEDA: by CPU alone nothing scales to zero; its admission refuses a cpu trigger without the container's request of CPU",
    check: ({ kind, value, name }, { all }) => {
      if (kind !== 'ScaledObject') return undefined
      const cpu = list(at(value, 'spec.triggers')).filter((trigger) => at(trigger, 'type') === 'cpu')
      if (cpu.length === 0) return undefined
      if (at(value, 'spec.minReplicaCount') === 0) return 'it would never wake by CPU'
      const deployment = all.find((one) => one.kind === 'Deployment' && one.name === name)
      const bare = list(at(deployment?.value, 'spec.template.spec.containers')).some(
        (one) => text(at(one, 'resources.requests.cpu')) === '' && text(at(one, 'resources.limits.cpu')) === '',
      )
      return bare && 'a trigger by CPU wants resources.requests.cpu or resources.limits.cpu'
    },
  },
  {
    id: 'keda-login',
    source: 'KEDA: authenticationRef names a TriggerAuthentication',
    check: ({ kind, value }, { all }) => {
      const wrong = list(at(value, 'spec.triggers'))
        .map((trigger) => at(trigger, 'authenticationRef.name'))
        .find(
          (login) =>
            login !== undefined && !all.some((one) => one.kind === 'TriggerAuthentication' && one.name === login),
        )
      return kind === 'ScaledObject' && wrong !== undefined && `no TriggerAuthentication is called ${wrong}`
    },
  },
]
