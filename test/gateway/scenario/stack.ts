import { readStackFile } from '#runtime/up/stack-file.ts'
import { difference } from './match.ts'
import type { Player } from './play.ts'
import type { Step } from './step.ts'

/** What `faas-cli deploy -f stack.yml` sends of each function; `fprocess` is the template's. */
const deployments = () =>
  readStackFile(process.cwd(), undefined, {}).map((one) => ({
    service: one.name,
    image: one.image,
    envProcess: 'node index.js',
    ...(Object.keys(one.environment).length > 0 && { envVars: one.environment }),
    ...(one.constraints.length > 0 && { constraints: one.constraints }),
    ...(one.secrets.length > 0 && { secrets: one.secrets }),
    labels: one.labels,
    annotations: one.annotations,
    ...(one.limits && { limits: one.limits }),
    ...(one.requests && { requests: one.requests }),
    ...(one.readOnlyRootFilesystem && { readOnlyRootFilesystem: true }),
  }))

/** The project's own stack.yml, deployed over what `junction up` started of it. */
export const deployStack = (): Step[] =>
  deployments().map((one) => ({
    ...{ command: 'faas-cli deploy -f stack.yml', method: 'PUT', path: '/system/functions' },
    ...{ body: JSON.stringify(one), status: 202 },
  }))

/** All of it has taken the place of what `junction up` started: five starts at once take each other's processor. */
export const stackServes: Step[] = [
  {
    ...{ command: 'junction status', method: 'GET', path: '/system/junction/status', status: 200 },
    ...{ text: /^(?!.*"rollout":"(?:rolling|failed)").*"rollout":"settled"/s, eventually: true },
  },
]

/** Looks for a difference as `faas-cli diff` does; throws where there is one. */
export const diffStack = async ({ url, authorization }: Player): Promise<void> => {
  const headers = { authorization, 'user-agent': 'faas-cli/0.18.12' }
  const list = (await (await fetch(`${url}/system/functions`, { headers })).json()) as Record<string, unknown>[]
  for (const { service, ...wanted } of deployments()) {
    const status = list.find(({ name }) => name === service) ?? {}
    const { name, namespace, createdAt, replicas, availableReplicas, invocationCount, ...deployed } = status
    const found = difference(deployed, wanted, String(name))
    if (found) throw new Error(`faas-cli diff -f stack.yml: ${found}`)
  }
}
