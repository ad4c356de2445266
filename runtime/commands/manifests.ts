import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { busName, readBusUrl } from '#shared/bus/url.ts'
import { readManifestEnvironment } from '#shared/config.ts'
import { holdsPassword } from '#shared/secret.ts'
import { refuseOpenDoor } from '../manifests/event-auth.ts'
import { generate } from '../manifests/generate.ts'
import { render } from '../manifests/render.ts'
import type { Delivery, Generated, Target } from '../manifests/types.ts'
import { validate } from '../manifests/validate/validate.ts'
import { projectRoot } from '../project.ts'
import { envsubst } from '../stack/envsubst.ts'
import { readStackFile } from '../up/stack-file.ts'
import { UserError } from '../user-error.ts'

/** What `junction manifests` is told. */
export interface ManifestsOptions {
  target: Target
  delivery: Delivery
  out: string
  namespace?: string
  expose?: string
  stack?: string
}

const CONNECTOR_IMAGE = `\${REGISTRY:-registry.example/junction}/connector:\${TAG:-latest}`
const NAMESPACES = {
  knative: 'junction',
  keda: 'junction',
  'openfaas-ce': 'openfaas-fn',
  'openfaas-pro': 'openfaas-fn',
}

/** Makes the manifests from stack.yml and the environment; throws UserError where they could not work. */
export const makeManifests = (
  options: Omit<ManifestsOptions, 'out'>,
  environment?: Record<string, string | undefined>,
): { generated: Generated; texts: Map<string, string> } => {
  const { target, delivery, namespace = NAMESPACES[target] } = options
  const { settings, all } = readManifestEnvironment(environment)
  refusePlace('DATABASE_URL', settings.DATABASE_URL ?? '')
  const bus = readBusUrl(settings.BUS_URL ?? 'postgres://')
  if (bus.scheme === 'postgres') refusePassword('BUS_URL', settings.BUS_URL ?? 'postgres://')
  for (const server of bus.servers) refusePlace('BUS_URL', `bus://${server}`)
  if (delivery === 'sources') {
    if (target !== 'knative') throw new UserError(`--delivery sources is Knative's: --target ${target} has no sources`)
    if (bus.scheme !== 'kafka')
      throw new UserError(`--delivery sources needs BUS_URL=kafka://…: Knative has no source of ${busName(bus)}`)
  }
  if (target === 'openfaas-ce' && namespace !== NAMESPACES[target])
    throw new UserError(`OpenFaaS CE knows the namespace ${NAMESPACES[target]} alone, not ${namespace}`)
  const functions = readStackFile(projectRoot(), options.stack, all, 'any')
  const exposed = (options.expose ?? '').split(',').filter(Boolean)
  const unknown = exposed.find((name) => !functions.some((one) => one.name === name))
  if (unknown) throw new UserError(`--expose names ${unknown}, which is no function of stack.yml`)
  if (exposed.length > 0 && target !== 'knative')
    throw new UserError("--expose is Knative's: elsewhere an Ingress of yours names what is reached from outside")
  refuseOpenDoor({ delivery, settings, exposed, functions })
  const generated = generate({
    ...{ target, delivery, namespace, functions, bus, exposed, settings },
    connectorImage: envsubst(CONNECTOR_IMAGE, all),
  })
  const texts = render(generated, { target })
  const faults = validate(texts, { target, secrets: generated.secrets.map(({ name }) => name) })
  if (faults.length > 0)
    throw new UserError(
      `nothing is written, ${target} would refuse it:\n${faults.map(({ rule, where, what }) => `  ${where}: ${what} (${rule})`).join('\n')}`,
    )
  return { generated, texts }
}

/** In a pod, its own address leads nowhere; and what is written into a file that everybody reads is no secret. */
const refusePlace = (name: string, address: string): void => {
  refusePassword(name, address)
  const { hostname } = new URL(address)
  if (hostname === '' || hostname === 'localhost' || /^(?:127\.|\[::1\])/.test(hostname))
    throw new UserError(`${name} names this machine: give the address that pods of the cluster reach`)
}

const refusePassword = (name: string, address: string): void => {
  if (!URL.canParse(address)) throw new UserError(`${name} is no URL`)
  if (holdsPassword(new URL(address)))
    throw new UserError(`${name} holds a password: put it into the secret database-password`)
}

/** Writes the manifests of a target into a folder that holds nothing else; answers with what is to be said of them. */
export const manifests = async (options: ManifestsOptions): Promise<{ lines: string[]; warnings: string[] }> => {
  const { generated, texts } = makeManifests(options)
  await writeFolder(options.out, texts)
  return {
    lines: [
      `${texts.size} files for ${options.target} in ${options.out}: ${join(options.out, 'NOTES.md')} says how to apply them`,
    ],
    warnings: generated.warnings.map((one) => `warning: ${one.function ? `${one.function}: ` : ''}${one.text}`),
  }
}

/** What a former run wrote is written over; a file of yours, or of another target, is not: applied with the rest it would do harm. */
const writeFolder = async (folder: string, texts: Map<string, string>): Promise<void> => {
  await mkdir(folder, { recursive: true })
  const strange = (await readdir(folder)).filter((name) => !texts.has(name)).sort()
  if (strange.length > 0)
    throw new UserError(
      `${folder} holds ${strange.slice(0, 3).join(', ')}, which this does not make: give an empty folder`,
    )
  for (const [path, text] of texts) {
    const before = await readFile(join(folder, path), 'utf8').catch(() => undefined)
    if (before !== text) await writeFile(join(folder, path), text)
  }
}
