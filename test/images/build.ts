import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { baseImages } from './base.ts'
import { type BuildOptions, type ImageConfig, openStore } from './buildah.ts'
import { addedTo, bytesOf, filesOf } from './files.ts'
import { registryOf } from './npmrc.ts'

/** An image that was built, its files laid open. */
export interface Image {
  root: string
  config: ImageConfig
  /** The files it adds to, or has otherwise than, the image it stands on. */
  added: string[]
}

/** All images of a test run. */
export interface Images {
  of(name: string): Image
  all: Map<string, Image>
  /** A text of the builder's own settings that no image may hold. */
  canary: string
  close(): Promise<void>
}

/** A context as `junction context --json` tells of it. */
interface Context {
  name: string
  folder: string
  bytes: number
  buildArgs: Record<string, string>
}

const LABELS = { VERSION: '1.2.3', REVISION: 'abc', SOURCE: 'https://git.example/junction' }

const secondsSince = (began: number) => `${((performance.now() - began) / 1000).toFixed(1)} s`
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
const say = (line: string) => process.stderr.write(`${line}\n`)

/** Builds functions from the contexts a user gets, and the images of deploy/, and says how large each is. */
export async function buildImages(): Promise<Images> {
  let began = performance.now()
  const archives = await baseImages()
  const store = await openStore()
  const contexts = mkdtempSync(join(tmpdir(), 'junction-contexts-'))
  const canary = randomBytes(16).toString('hex')
  const registry = await registryOf(canary)
  const close = async () => {
    await store.close()
    for (const path of [contexts, dirname(registry.file)]) rmSync(path, { recursive: true, force: true })
  }
  const all = new Map<string, Image>()
  try {
    const pull = (archive: string) => store.run('pull', '--quiet', `docker-archive:${archive}`)
    const bases = { NODE: await pull(archives.node), BASE: await pull(archives.base) }
    const plain = await store.mount(bases.BASE)
    say(`base images: ${secondsSince(began)}`)
    const add = async (name: string, { buildArgs, ...options }: BuildOptions) => {
      began = performance.now()
      const id = await store.build({
        ...options,
        buildArgs: { ...buildArgs, ...bases, ...LABELS },
        secrets: { npmrc: registry.file },
        volumes: registry.volumes,
      })
      const time = secondsSince(began)
      const root = await store.mount(id)
      const added = addedTo(plain, root)
      all.set(name, { root, config: await store.config(id), added })
      const own = bytesOf(
        root,
        added.filter((file) => file.startsWith('app/')),
      )
      say(`${name}: ${mebibytes(bytesOf(root, filesOf(root)))}, of it in /app ${mebibytes(own)}; built in ${time}`)
    }
    const ofFunctions = [
      ...layOut(contexts, 'stack.yml', ['ingest', 'city', 'predict-traffic']),
      ...layOut(contexts, 'test/images/stack.yml', []),
    ]
    for (const { name, folder, bytes, buildArgs } of ofFunctions) {
      say(`context of ${name}: ${mebibytes(bytes)}`)
      // As in a checkout under umask 077.
      execFileSync('chmod', ['-R', 'go=', folder])
      // faas-cli always sends the last.
      await add(name, { context: folder, buildArgs: { ...buildArgs, ADDITIONAL_PACKAGE: '' } })
    }
    const ours = { context: '.', file: 'deploy/Dockerfile', buildArgs: {} }
    await add('connector', { ...ours, target: 'connector' })
    await add('junction', ours)
  } catch (error) {
    await close()
    throw error
  }
  return { of: (name) => all.get(name) as Image, all, canary, close }
}

function layOut(out: string, stack: string, names: string[]): Context[] {
  const args = ['dist/runtime/cli.js', 'context', ...names, '--stack', stack, '--out', out, '--json']
  return JSON.parse(`${execFileSync(process.execPath, args)}`)
}
