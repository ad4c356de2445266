import { join } from 'node:path'
import { cached } from './cache.ts'
import { needTools, run } from './tools.ts'

const VERSION = '2.15.2'

/** The program nats-server; built the first time, which takes a minute or two. */
export async function natsBinary(): Promise<string> {
  const folder = await cached(`nats-server-${VERSION}`, async (draft) => {
    await needTools({ go: 'golang-go' })
    const env = { ...process.env, GOBIN: draft, GOFLAGS: '-mod=mod' }
    const source = `github.com/nats-io/nats-server/v2@v${VERSION}`
    try {
      await run('go', ['install', source], { env, maxBuffer: 64 << 20 })
    } catch (error) {
      const { stderr = '' } = error as { stderr?: string }
      throw new Error(
        `nats-server ${VERSION} could not be built: it takes Go 1.26 or newer (go.dev/dl), or NATS_URL names a server that is already there\n${stderr.slice(-1000)}`,
        { cause: error },
      )
    }
  })
  return join(folder, 'nats-server')
}
