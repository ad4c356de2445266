import { until } from '../e2e/runtime.ts'
import { sentReading } from './readings.ts'

/** Makes every function of the whole stack do something: a reading is posted, evaluated and shown. */
export async function wakeAll(url: string): Promise<void> {
  const reading = sentReading(1, Date.now())
  const headers = { 'content-type': 'application/json' }
  await fetch(`${url}/function/ingest`, { method: 'POST', headers, body: JSON.stringify(reading) })
  await until('the reading is a state', async () => {
    const answer = await fetch(`${url}/function/city/api/traffic-status/${reading.device}`)
    return answer.ok && ((await answer.json()) as { properties?: { level?: string } }).properties !== undefined
  })
}
