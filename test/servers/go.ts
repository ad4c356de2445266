import { createHash } from 'node:crypto'
import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { needTools, run } from './tools.ts'

const VERSION = '1.26.8'
/** sha256 of the toolchain's module, which the Go team publishes on the module proxy. */
const DIGESTS: Record<string, string> = {
  'linux-amd64': '30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7',
  'linux-arm64': '02b36b6787b3ac767668f630e2998df45a3b1f9ffee08d1bf3ef6487cd658d99',
}

/** A Go that is new enough for the servers: the machine's own, else the toolchain of the module proxy. */
export async function goProgram(): Promise<string> {
  if (await isNewEnough()) return 'go'
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const digest = DIGESTS[platform]
  if (digest === undefined) throw new Error(`the test servers need Go ${VERSION} or newer: install it from go.dev/dl`)
  const module = `v0.0.1-go${VERSION}.${platform}`
  const folder = await cached(`go-${VERSION}`, (draft) => unpack(module, digest, draft))
  return join(folder, `golang.org/toolchain@${module}/bin/go`)
}

async function isNewEnough(): Promise<boolean> {
  const [major = 0, minor = 0] = await run('go', ['env', 'GOVERSION']).then(
    ({ stdout }) => (/go(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number),
    () => [],
  )
  return major > 1 || minor >= 26
}

async function unpack(module: string, digest: string, folder: string): Promise<void> {
  await needTools({ unzip: 'unzip' })
  const proxy =
    process.env.GOPROXY?.split(/[,|]/).find((one) => one.startsWith('https://')) ?? 'https://proxy.golang.org'
  const url = `${proxy.replace(/\/$/, '')}/golang.org/toolchain/@v/${module}.zip`
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`Go ${VERSION} could not be fetched: ${new URL(url).host} answers ${answer.status}`)
  const bytes = Buffer.from(await answer.arrayBuffer())
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== digest)
    throw new Error(`what ${new URL(url).host} gives for Go ${VERSION} has another sha256: ${found}`)
  const archive = join(folder, 'go.zip')
  await writeFile(archive, bytes)
  await run('unzip', ['-q', archive, '-d', folder], { maxBuffer: 64 << 20 })
  await rm(archive)
  // A module's archive has no file modes.
  const root = join(folder, `golang.org/toolchain@${module}`)
  for (const programs of [join(root, 'bin'), ...(await toolFolders(root))])
    for (const program of await readdir(programs)) await chmod(join(programs, program), 0o755)
}

async function toolFolders(root: string): Promise<string[]> {
  const tools = join(root, 'pkg/tool')
  return (await readdir(tools)).map((name) => join(tools, name))
}
