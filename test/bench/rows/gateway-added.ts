import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import type { World } from '../bench.ts'
import { runLoad } from '../load.ts'
import { percentile } from '../percentile.ts'
import type { Figure, Row } from '../row.ts'
import { cpuSeconds, processGroups } from '../usage.ts'

const WARM = 1_000
const CALLS = 4_000
const CONNECTIONS = 16
const SECONDS = 9
const ROUNDS = 3

/** Where a call goes. */
interface Way {
  url: string
  /** Undefined = by TCP. */
  socketPath: string | undefined
}

/** What the gateway adds to a call of a replica. */
export const gatewayAdded: Row = {
  name: 'gateway-added',
  what: 'GET of a health answer of one replica, through the gateway and on its own socket, in turn',
  async measure(bench) {
    const world = await bench.start('ingest')
    const through = { url: `${world.url}/function/ingest/_/health`, socketPath: undefined }
    await call(through, new Agent())
    const direct = { url: 'http://localhost/_/health', socketPath: socketOf(world) }
    const processes = { gateway: world.pid, replica: replicaOf(world) }
    return [...(await oneAtATime(through, direct)), ...(await asManyAsGo(through, direct, processes))]
  },
}

/** The only one. */
const replicaOf = ({ pid }: World): number => {
  const [replica] = processGroups(pid).get('ingest') ?? []
  if (replica === undefined) throw new Error('ingest has no replica')
  return replica
}

/** The socket of the replica: its PORT. */
const socketOf = (world: World): string => {
  const [, socket] = /(?:^|\0)PORT=([^\0]+)/.exec(readFileSync(`/proc/${replicaOf(world)}/environ`, 'utf8')) ?? []
  if (socket === undefined) throw new Error('the replica of ingest has no socket')
  return socket
}

async function oneAtATime(through: Way, direct: Way): Promise<Figure[]> {
  const agent = new Agent({ keepAlive: true })
  const [added, own]: [number[], number[]] = [[], []]
  for (let i = 0; i < WARM + CALLS; i++) {
    const [a, b] = [await call(through, agent), await call(direct, agent)]
    if (i < WARM) continue
    added.push(a)
    own.push(b)
  }
  agent.destroy()
  const figure = (name: string, percent: number) => ({
    name,
    value: percentile(added, percent) - percentile(own, percent),
    unit: 'ms',
    reference: { name: 'the direct call', value: percentile(own, percent) },
  })
  return [{ ...figure('p50 added', 50), aim: { of: 'value', atMost: 1 } }, figure('p99 added', 99)]
}

/** Each its median of some rounds in turn. */
async function asManyAsGo(
  through: Way,
  direct: Way,
  { gateway, replica }: { gateway: number; replica: number },
): Promise<Figure[]> {
  const [calls, own]: [number[], number[]] = [[], []]
  const spent = { gateway: 0, replica: 0, calls: 0 }
  const load = ({ url, socketPath }: Way) =>
    runLoad({
      ...{ url, connections: CONNECTIONS, seconds: SECONDS / ROUNDS, method: 'GET' },
      ...(socketPath !== undefined && { socketPath }),
    })
  for (let round = 0; round < ROUNDS; round++) {
    const before = [cpuSeconds([gateway]), cpuSeconds([replica])] as const
    const seen = await load(through)
    spent.gateway += cpuSeconds([gateway]) - before[0]
    spent.replica += cpuSeconds([replica]) - before[1]
    spent.calls += seen.calls
    calls.push(seen.perSecond)
    own.push((await load(direct)).perSecond)
  }
  const each = (seconds: number) => (seconds * 1e6) / spent.calls
  return [
    {
      ...{ name: `through the gateway, ${CONNECTIONS} at a time`, value: percentile(calls, 50), unit: 'req/s' },
      reference: { name: 'the direct calls', value: percentile(own, 50) },
    },
    {
      ...{ name: 'processor time of the gateway a call', value: each(spent.gateway), unit: 'µs' },
      reference: { name: 'of the replica', value: each(spent.replica) },
    },
  ]
}

function call({ url, socketPath }: Way, agent: Agent): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    get(url, { agent, socketPath }, (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === 200) resolve(performance.now() - began)
        else reject(new Error(`${url} answered ${response.statusCode}`))
      })
    }).on('error', reject)
  })
}
