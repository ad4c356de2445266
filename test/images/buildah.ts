import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../servers/tools.ts'

/** What an image says of how it is run. */
export interface ImageConfig {
  User: string
  Env: string[]
  Entrypoint: string[]
  Cmd?: string[]
  WorkingDir: string
  Labels: Record<string, string>
  ExposedPorts: Record<string, object>
  StopSignal: string
}

/** What an image is built from. */
export interface BuildOptions {
  context: string
  file?: string
  target?: string
  buildArgs: Record<string, string>
  secrets?: Record<string, string>
  volumes?: string[]
}

/** Images of this test run alone, in a folder of their own. */
export interface Store {
  /** Runs buildah on them; gives what it printed. */
  run(...args: string[]): Promise<string>
  /** Gives the id of the image. */
  build(options: BuildOptions): Promise<string>
  config(image: string): Promise<ImageConfig>
  /** The files of an image, as a container of it has them. */
  mount(image: string): Promise<string>
  close(): Promise<void>
}

/** Opens an empty store. Overlays are fast; where there are none, each layer is a copy. */
export async function openStore(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'junction-images-'))
  const withDriver =
    (driver: string) =>
    async (...args: string[]) => {
      const place = ['--root', join(folder, driver), '--runroot', join(folder, `${driver}-run`)]
      const options = { maxBuffer: 64 << 20, env: { ...process.env, BUILDAH_ISOLATION: 'chroot' } }
      const { stdout } = await run('buildah', [...place, '--storage-driver', driver, ...args], options)
      return stdout.trim()
    }
  const overlay = withDriver('overlay')
  const isThere = await overlay('from', 'scratch').then(
    (container) => overlay('mount', container).then(() => true),
    () => false,
  )
  const buildah = isThere ? overlay : withDriver('vfs')
  const pairs = (flag: string, values: Record<string, string> = {}) =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`])
  return {
    run: buildah,
    async build({ context, file, target, buildArgs, secrets = {}, volumes = [] }) {
      const printed = await buildah(
        ...['build', '--quiet', '--layers', '--format', 'oci'],
        ...pairs('--build-arg', buildArgs),
        ...Object.entries(secrets).flatMap(([id, src]) => ['--secret', `id=${id},src=${src}`]),
        ...volumes.flatMap((volume) => ['--volume', volume]),
        ...(file ? ['--file', file] : []),
        ...(target ? ['--target', target] : []),
        context,
      )
      return printed.split('\n').at(-1) as string
    },
    async config(image) {
      const told: { OCIv1: { config: ImageConfig } } = JSON.parse(await buildah('inspect', '--type', 'image', image))
      return told.OCIv1.config
    },
    mount: async (image) => buildah('mount', await buildah('from', '--pull-never', image)),
    async close() {
      for (const driver of ['overlay', 'vfs']) {
        await withDriver(driver)('rm', '--all').catch(() => {})
        await run('umount', [join(folder, driver, driver)]).catch(() => {})
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}
