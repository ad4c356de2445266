import { parseArgs } from 'node:util'
import { openBench } from './bench.ts'
import { asJson, asText, type Measured } from './print.ts'
import type { Row } from './row.ts'
import { acceptedToState } from './rows/accepted-to-state.ts'
import { asyncCalls } from './rows/async.ts'
import { buses } from './rows/bus.ts'
import { deploy } from './rows/deploy.ts'
import { forecastHttp, forecastWake } from './rows/forecast-http.ts'
import { forecastMemory, forecastSession } from './rows/forecast-session.ts'
import { forecastTick } from './rows/forecast-tick.ts'
import { gatewayAdded } from './rows/gateway-added.ts'
import { idleCpu } from './rows/idle-cpu.ts'
import { ingestBatch } from './rows/ingest-batch.ts'
import { ingestSingle } from './rows/ingest-single.ts'
import { logToState } from './rows/log-to-state.ts'
import { memory } from './rows/memory.ts'
import { page } from './rows/page.ts'
import { sustained } from './rows/sustained.ts'
import { training } from './rows/train.ts'
import { wake } from './rows/wake.ts'

const rows: Row[] = [
  ingestSingle,
  ingestBatch,
  logToState,
  acceptedToState,
  wake,
  gatewayAdded,
  asyncCalls,
  deploy,
  memory,
  idleCpu,
  page,
  forecastSession,
  forecastHttp,
  forecastWake,
  forecastTick,
  forecastMemory,
  training,
  ...buses,
  ...sustained,
]

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { json: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
  })
  const unknown = values.only?.find((name) => !rows.some((row) => row.name === name))
  if (unknown !== undefined) throw new Error(`no row ${unknown}: there are ${rows.map(({ name }) => name).join(', ')}`)
  const measured: Measured[] = []
  for (const row of rows.filter(({ name }) => values.only?.includes(name) ?? true)) {
    const bench = openBench()
    try {
      const one = { row, figures: await row.measure(bench) }
      measured.push(one)
      if (!values.json) console.log(asText(one))
    } finally {
      await bench.close()
    }
  }
  if (values.json) console.log(asJson(measured))
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)
