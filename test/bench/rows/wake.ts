import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Bench } from '../bench.ts'
import { percentile } from '../percentile.ts'
import { sentReading } from '../readings.ts'
import type { Figure, Row } from '../row.ts'
import { timed, wakeOnce } from '../wake-one.ts'

const ROUNDS = 20

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
      woken.push(
        await wakeOnce(world, { name: 'ingest', body: JSON.stringify(sentReading(1, Date.now())), status: 202 }),
      )
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

async function startBare(bench: Bench): Promise<number> {
  const began = performance.now()
  const server = await bench.startBare()
  const taken = performance.now() - began
  await server.stop()
  return taken
}
