import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openRuntime } from '../e2e/runtime.ts'
import { freePort } from '../ports.ts'
import { playCli, versionOfCli } from './scenario/cli.ts'
import { later, provider } from './scenario/others.ts'
import { play } from './scenario/play.ts'
import { scenario, signIn } from './scenario/scenario.ts'
import { deployStack, diffStack, stackServes } from './scenario/stack.ts'

const usage = 'npm run test:gateway -- [--auth on|off]'
const ROUNDS = 2

/** One round on a fresh data folder; answers how many requests were answered as they have to be. */
const round = async (auth: 'on' | 'off', cli: string | undefined): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'junction-test-gateway-'))
  // As root the embedded PostgreSQL runs as another user.
  chmodSync(folder, 0o755)
  const runtime = openRuntime({
    ...{ folder, port: await freePort(), args: [], authMode: auth === 'on' ? 'keys' : 'dev' },
  })
  try {
    await runtime.start()
    const { url } = runtime
    const password = readFileSync(join(folder, 'data/secrets/operator-token'), 'utf8').trim()
    const authorization = auth === 'on' ? `Basic ${btoa(`admin:${password}`)}` : 'Bearer '
    const player = { url, authorization }
    let played = await play([...(auth === 'on' ? signIn(authorization) : []), ...deployStack()], player)
    await diffStack(player)
    played += await play([...stackServes, ...scenario(), ...later, ...provider], player)
    if (cli !== undefined) await playCli({ url, folder, password: auth === 'on' ? password : undefined })
    return played
  } finally {
    await runtime.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

const main = async (): Promise<void> => {
  const { values } = parseArgs({ options: { auth: { type: 'string', default: 'off' } } })
  const { auth } = values
  if (auth !== 'on' && auth !== 'off') throw new Error(`--auth ${auth}: it is on or off\n${usage}`)
  const cli = versionOfCli()
  for (let number = 1; number <= ROUNDS; number++) {
    const began = Date.now()
    const played = await round(auth, cli)
    const took = ((Date.now() - began) / 1000).toFixed(1)
    console.log(
      `round ${number} of ${ROUNDS}, auth ${auth}, fresh data folder: ${played} requests as expected (${took} s)`,
    )
  }
  console.log(
    cli === undefined
      ? 'the requests were replayed from literals; the same through a real faas-cli did not run: there is none on PATH'
      : `the requests were replayed from literals, and the same commands through a real faas-cli (${cli})`,
  )
}

main().catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
