import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheFolder } from '../servers/cache.ts'
import { run } from '../servers/tools.ts'

/** How npm reaches its registry inside of a build: the file that is mounted as a secret, and what the build must see. */
export interface Registry {
  file: string
  volumes: string[]
}

const KEYS = ['registry', 'proxy', 'https-proxy', 'noproxy', 'strict-ssl', 'cafile']

/** Writes this machine's way to the registry, with a line that must be found nowhere afterwards. */
export async function registryOf(canary: string): Promise<Registry> {
  const get = async (key: string) => (await run('npm', ['config', 'get', key])).stdout.trim()
  const own = await readFile(await get('userconfig'), 'utf8').catch(() => '')
  const values = await Promise.all(KEYS.map(async (key) => [key, await get(key)] as const))
  const set = values.filter(([, value]) => value !== '' && value !== 'null' && value !== 'undefined')
  const lines = [own, ...set.map(([key, value]) => `${key}=${value}`), `//canary.example/:_authToken=${canary}`]
  const file = join(await mkdtemp(join(tmpdir(), 'junction-npmrc-')), 'npmrc')
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  const cafile = set.find(([key]) => key === 'cafile')?.[1]
  // Kept over builds and runs: all of them install the same packages.
  const cache = join(cacheFolder, 'npm')
  await mkdir(cache, { recursive: true })
  const volumes = [`${cache}:/root/.npm`, ...(cafile === undefined ? [] : [`${cafile}:${cafile}:ro`])]
  return { file, volumes }
}
