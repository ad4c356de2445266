import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../e2e/runtime.ts'
import type { Bench, World } from '../bench.ts'
import { percentile } from '../percentile.ts'
import { sentReading } from '../readings.ts'
import type { Figure, Row } from '../row.ts'
import { processGroups } from '../usage.ts'

const ROUNDS = 20
/** So that what the last replica left behind does not disturb the next start. */
const PAUSE_MS = 200

/** From zero to the first durable answer. */
export const wake: Row = {
  name: 'wake',
  what: `a reading posted to a function without a process, until it is durable; ${ROUNDS} rounds`,
  async measure(bench) {
    const world = await bench.start('ingest')
    const woken: number[] = []
    const bare: number[] = []
    const nothing: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      woken.push(await wakeOnce(world))
      nothing.push(await timed(() => once(spawn(process.execPath, ['-e', '0']), 'exit')))
      bare.push(await startBare(bench))
    }
    const figure = (percent: number, name: string, reference: number[]): Figure => ({
      name,
      value: percentile(woken, percent),
      unit: 'ms',
      reference: {
        name: reference === bare ? 'bare server, spawn to answer' : 'node -e 0',
        value: percentile(reference, percent),
      },
    })
    return [
      { ...figure(50, 'p50', bare), aim: { of: 'value', atMost: 150 } },
      figure(99, 'p99', bare),
      figure(50, 'p50 against an empty Node.js', nothing),
    ]
  },
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

async function wakeOnce({ url, pid }: World): Promise<number> {
  await fetch(`${url}/system/scale-function/ingest`, {
    method: 'POST',
    body: JSON.stringify({ serviceName: 'ingest', replicas: 0 }),
  })
  await until('the function has no process', async () => !processGroups(pid).has('ingest'))
  await delay(PAUSE_MS)
  const body = JSON.stringify(sentReading(1, Date.now()))
  return timed(async () => {
    const headers = { 'content-type': 'application/json' }
    const { status } = await fetch(`${url}/function/ingest`, { method: 'POST', headers, body })
    if (status !== 202) throw new Error(`the woken function answered ${status}`)
  })
}

async function startBare(bench: Bench): Promise<number> {
  const began = performance.now()
  const server = await bench.startBare()
  const taken = performance.now() - began
  await server.stop()
  return taken
}
