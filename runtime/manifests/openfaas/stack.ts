import { stringify } from 'yaml'
import type { StackFunction } from '../../stack/types.ts'
import { sorted } from '../common.ts'
import { eventCalls, scalePlan, takesEvents } from '../scale.ts'
import { bringsSettings, secretsOf } from '../secrets.ts'
import { DRAIN, execTimeout, graceSeconds, timeOf } from '../times.ts'
import type { Plan } from '../types.ts'

const SCALE = 'com.openfaas.scale'
const PRO_IDLE = '15m'

/** The functions as `faas-cli deploy -f` takes them: with the settings they share, and without anything to build. */
export const openfaasStack = (plan: Plan): string =>
  // faas-cli puts variables in, where a text may hold a reference that is meant as it stands.
  stringify(stackOf(plan), { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' }).replaceAll('${', () => '$${')

const stackOf = (plan: Plan) => ({
  version: '1.0',
  provider: { name: 'openfaas', gateway: 'http://127.0.0.1:8080' },
  functions: sorted(Object.fromEntries(plan.functions.map((one) => [one.name, functionOf(plan, one)]))),
})

const functionOf = (plan: Plan, one: StackFunction) => {
  const own = bringsSettings(one)
  // Beside a function without a watchdog OpenFaaS sends calls for some seconds after it was told to end.
  const environment = sorted({
    ...(own && { ...plan.settings, DRAIN_DELAY: DRAIN, FUNCTION_NAME: one.name }),
    ...one.environment,
    ...(plan.target === 'openfaas-pro' && writeTimeout(plan, one)),
  })
  const secrets = secretsOf(plan, one)
  const optional = secrets.filter(({ needed }) => !needed)
  if (optional.length > 0)
    plan.warn(
      `add those of the secrets ${optional.map(({ name }) => name).join(', ')} that the broker asks for`,
      one.name,
    )
  if (one.environment.exec_timeout !== undefined)
    plan.warn(
      'the gateway tells the connector no exec_timeout of a function: set the same for all, or the longest',
      one.name,
    )
  const labels = plan.target === 'openfaas-pro' ? proLabels(plan, one) : ceLabels(plan, one)
  return {
    skip_build: true,
    image: one.image,
    ...(one.envProcess && { fprocess: one.envProcess }),
    ...(Object.keys(environment).length > 0 && { environment }),
    ...(secrets.length > 0 && { secrets: secrets.filter(({ needed }) => needed).map(({ name }) => name) }),
    ...(Object.keys(labels).length > 0 && { labels: sorted(labels) }),
    ...(Object.keys(one.annotations).length > 0 && { annotations: sorted(one.annotations) }),
    ...(one.constraints.length > 0 && { constraints: one.constraints }),
    ...(one.limits && { limits: sorted(one.limits) }),
    ...(one.requests && { requests: sorted(one.requests) }),
    ...(one.readOnlyRootFilesystem && { readonly_root_filesystem: true }),
  }
}

/** OpenFaaS Pro ends a pod as long after it is told to as its write_timeout says. */
const writeTimeout = (plan: Plan, one: StackFunction): Record<string, string> => {
  const { exec_timeout, write_timeout } = one.environment
  const own = bringsSettings(one)
  if (!own && exec_timeout === undefined) return {}
  const wanted = own ? graceSeconds(plan, one) : Math.ceil(execTimeout(plan, one) / 1_000)
  const given = timeOf(one.name, 'write_timeout', write_timeout ?? '0s') / 1_000
  if (given >= wanted) return {}
  if (write_timeout !== undefined)
    plan.warn(`write_timeout of ${write_timeout} would end calls in flight: ${wanted}s is set`, one.name)
  return { write_timeout: `${wanted}s` }
}

/** CE refuses what Pro scales by; it has one replica at least. */
const ceLabels = (plan: Plan, { name, labels }: StackFunction): Record<string, string> => {
  const refused = ['zero', 'zero-duration', 'target', 'type'].filter((key) => labels[`${SCALE}.${key}`] !== undefined)
  if (refused.length > 0)
    plan.warn(`OpenFaaS CE refuses ${refused.map((key) => `${SCALE}.${key}`).join(', ')}: left out`, name)
  const kept = Object.entries(labels).filter(([key]) => !refused.some((one) => key === `${SCALE}.${one}`))
  return Object.fromEntries(
    kept.map(([key, value]) => {
      if (key === `${SCALE}.min` && Number(value) < 1) return [key, '1']
      if (key !== `${SCALE}.max` && key !== `${SCALE}.min`) return [key, value]
      if (Number(value) <= 5) return [key, value]
      plan.warn(`OpenFaaS CE takes ${key} up to 5, not ${value}: 5 is set`, name)
      return [key, '5']
    }),
  )
}

/** What CE does not know: sleep when idle, and scale by the calls in flight, which a function says by what it takes. */
const proLabels = (plan: Plan, one: StackFunction): Record<string, string> => {
  const scale = scalePlan(one)
  const target =
    scale.target ?? (takesEvents(one) ? eventCalls(one) : Number(one.environment.max_inflight) || undefined)
  const sleeps = scale.min === 0
  if (scale.factor !== undefined)
    plan.warn('com.openfaas.scale.factor is of the alerts of CE: Pro goes by scale.target', one.name)
  return {
    ...one.labels,
    [`${SCALE}.min`]: `${scale.wakeTo ?? Math.max(1, scale.min)}`,
    [`${SCALE}.max`]: `${scale.max}`,
    [`${SCALE}.zero`]: `${sleeps}`,
    ...(sleeps && { [`${SCALE}.zero-duration`]: one.labels[`${SCALE}.zero-duration`] ?? PRO_IDLE }),
    ...(target !== undefined && {
      [`${SCALE}.type`]: scale.type ?? 'capacity',
      [`${SCALE}.target`]: `${target}`,
    }),
  }
}
