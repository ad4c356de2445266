import { join } from 'node:path'
import { cached } from './cache.ts'
import { goProgram } from './go.ts'
import { run } from './tools.ts'

const VERSION = '2.15.2'

/** The program nats-server; built the first time, which takes a minute or two. */
export async function natsBinary(): Promise<string> {
  const folder = await cached(`nats-server-${VERSION}`, async (draft) => {
    // The toolchain that is given, never one that it would fetch.
    const env = { ...process.env, GOBIN: draft, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' }
    const source = `github.com/nats-io/nats-server/v2@v${VERSION}`
    await run(await goProgram(), ['install', source], { env, maxBuffer: 64 << 20 }).catch(
      (error: Error & { stderr?: string }) => {
        throw new Error(
          `nats-server ${VERSION} could not be built; NATS_URL may name a server that is already there\n${error.stderr?.slice(-1000) ?? error.message}`,
          { cause: error },
        )
      },
    )
  })
  return join(folder, 'nats-server')
}
