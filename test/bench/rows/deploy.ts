import { setTimeout as delay } from 'node:timers/promises'
import type { Bench, World } from '../bench.ts'
import { percentile } from '../percentile.ts'
import type { Figure, Row } from '../row.ts'

const ROUNDS = 20
const POLL_MS = 2

/** From a deployment to the first answer of what it brings. */
export const deploy: Row = {
  name: 'deploy',
  what: `two builds of a function deployed by turns over the one that serves; ${ROUNDS} rounds, and a program as often`,
  async measure(bench) {
    const world = await bench.start('ingest')
    await deployed(world, 'POST', build('a'))
    const [accepted, replaced, programs, bare]: number[][] = [[], [], [], []]
    for (let round = 1; round <= ROUNDS; round++) {
      const next = round % 2 === 1 ? 'b' : 'a'
      const seen = await deployed(world, 'PUT', build(next))
      accepted?.push(seen.accepted)
      replaced?.push(seen.ready)
      programs?.push((await deployed(world, 'POST', { ...program(`echo-${round}`) })).ready)
      bare?.push(await startBare(bench))
    }
    const figure = (name: string, values: number[] = [], percent = 50): Figure => ({
      ...{ name, value: percentile(values, percent), unit: 'ms' },
      reference: { name: 'bare server, spawn to answer', value: percentile(bare ?? [], percent) },
    })
    return [
      figure('p50 until it is accepted', accepted),
      figure('p50 until the new build answers', replaced),
      figure('p99 until the new build answers', replaced, 99),
      figure('p50 until a new program answers', programs),
    ]
  },
}

/** A deployment and the body that its answer has. */
interface Wanted {
  deployment: { service: string; image: string; envProcess?: string }
  answer: string
}

const build = (version: string): Wanted => ({
  deployment: { service: 'version', image: `junction/version-${version}:bench` },
  answer: version,
})

const program = (service: string): Wanted => ({
  deployment: { service, image: 'example/program:bench', envProcess: 'echo hello' },
  answer: 'hello\n',
})

async function deployed({ url }: World, method: 'POST' | 'PUT', { deployment, answer }: Wanted) {
  const began = performance.now()
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${url}/system/functions`, { method, headers, body: JSON.stringify(deployment) })
  if (response.status !== 202) throw new Error(`${deployment.image}: ${response.status} ${await response.text()}`)
  const accepted = performance.now() - began
  while ((await (await fetch(`${url}/function/${deployment.service}`)).text()) !== answer) await delay(POLL_MS)
  return { accepted, ready: performance.now() - began }
}

async function startBare(bench: Bench): Promise<number> {
  const began = performance.now()
  const server = await bench.startBare()
  const taken = performance.now() - began
  await server.stop()
  return taken
}
