import { chmod, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from '../servers/cache.ts'
import { needTools, run } from '../servers/tools.ts'
import { openStore } from './buildah.ts'

const DEBIAN = 'bookworm'
const NODE = '22.23.3'
/** What node:22 ships. */
const NPM = '10.9.4'
const ARCHIVES = { base: 'base.tar', node: 'node.tar' }
/** What Debian's slim images leave out. */
const NOT_SLIM = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/info',
  'var/cache/apt',
  'var/lib/apt/lists',
]

/**
 * Stands for debian:bookworm-slim and node:22-bookworm-slim where no registry of images is in reach: the archives of a Debian
 * made by debootstrap, and of the same with the Node.js and the npm of npm's registry.
 */
export async function baseImages(): Promise<typeof ARCHIVES> {
  if (process.getuid?.() !== 0) throw new Error('images are built here as root: run the test as root')
  await needTools({ buildah: 'buildah', debootstrap: 'debootstrap', bwrap: 'bubblewrap' })
  const folder = await cached(`image-base-${DEBIAN}-${NODE}-${process.arch}`, make)
  return { base: join(folder, ARCHIVES.base), node: join(folder, ARCHIVES.node) }
}

async function make(folder: string): Promise<void> {
  const root = join(folder, 'root')
  await run('debootstrap', ['--variant=minbase', DEBIAN, root, 'http://deb.debian.org/debian'], { maxBuffer: 64 << 20 })
  for (const part of NOT_SLIM) await rm(join(root, part), { recursive: true, force: true })
  const packages = join(folder, 'packages')
  await mkdir(packages)
  await writeFile(join(packages, 'package.json'), '{"private":true}')
  const node = `node-linux-${process.arch}`
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', `${node}@${NODE}`, `npm@${NPM}`]
  await run('npm', args, { cwd: packages })

  const store = await openStore()
  try {
    const commit = async (archive: string) => {
      const container = await store.run('from', 'scratch')
      await store.run('add', '--quiet', container, root, '/')
      await store.run('config', '--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', container)
      const image = await store.run('commit', '--quiet', container)
      await store.run('push', '--quiet', image, `docker-archive:${join(folder, archive)}`)
    }
    await commit(ARCHIVES.base)
    const local = join(root, 'usr/local')
    await cp(join(packages, 'node_modules', node, 'bin/node'), join(local, 'bin/node'))
    await cp(join(packages, 'node_modules/npm'), join(local, 'lib/node_modules/npm'), { recursive: true })
    await chmod(join(local, 'lib/node_modules/npm/bin/npm-cli.js'), 0o755)
    await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
    await commit(ARCHIVES.node)
  } finally {
    await store.close()
  }
  for (const draft of [root, packages]) await rm(draft, { recursive: true, force: true })
}
