import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Delivery } from './plan.ts'
import type { Random } from './random.ts'

type SentReading = Extract<Delivery, { kind: 'reading' }>['reading']

/** How a step is sent: through the front door, in every form it takes, until all is answered. */
export interface Sender {
  /** Resolves when every reading is accepted and every malformed text refused; throws if one is answered otherwise. */
  send(deliveries: Delivery[]): Promise<void>
  /** What was answered so far. */
  counts: { readings: number; refused: number; retries: number; requests: number }
}

// Longer than the runtime may take to start anew.
const PATIENCE_MS = 360_000
const RETRY = new Set([408, 429, 500, 502, 503, 504])

/** Makes a sender; `url` is asked anew at each try, for the runtime comes and goes. */
export function openSender(url: () => string, random: Random): Sender {
  const counts = { readings: 0, refused: 0, retries: 0, requests: 0 }

  const post = async (
    body: string | Buffer,
    headers: Record<string, string>,
  ): Promise<{ status: number; text: string }> => {
    for (const until = Date.now() + PATIENCE_MS; ; ) {
      const answer = await fetch(`${url()}/function/ingest`, {
        method: 'POST',
        body,
        headers,
        signal: AbortSignal.timeout(20_000),
      })
        .then(async (response) => ({ status: response.status, text: await response.text() }))
        .catch((error: Error) => ({ status: 0, text: String(error.cause ?? error) }))
      counts.requests++
      if (answer.status !== 0 && !RETRY.has(answer.status)) return answer
      if (Date.now() > until)
        throw new Error(`ingest answered nothing useful for ${PATIENCE_MS / 1000} s: ${answer.status} ${answer.text}`)
      counts.retries++
      await delay(50 + random.below(150))
    }
  }

  const sendOne = async (reading: SentReading) => {
    const { status, text } = await post(JSON.stringify(reading), { 'Content-Type': 'application/json' })
    if (status !== 202) throw new Error(`a good reading was answered with ${status}: ${text}`)
    counts.readings++
  }

  const sendMany = async (readings: SentReading[]) => {
    for (let rest = readings; rest.length > 0; ) {
      const { status, text } = await post(...encode(rest, random))
      if (status !== 207) throw new Error(`a batch was answered with ${status}: ${text}`)
      const items = JSON.parse(text) as { index: number; status: number }[]
      const bad = items.find((item) => item.status !== 202 && !RETRY.has(item.status))
      if (bad || items.length !== rest.length)
        throw new Error(`a batch of good readings was answered with ${text.slice(0, 500)}`)
      counts.readings += items.filter((item) => item.status === 202).length
      rest = items.filter((item) => item.status !== 202).map(({ index }) => rest[index] as SentReading)
    }
  }

  const sendMalformed = async (text: string) => {
    const { status } = await post(text, { 'Content-Type': 'application/json' })
    if (status < 400 || status > 499) throw new Error(`the malformed body ${text} was answered with ${status}`)
    counts.refused++
  }

  return {
    counts,
    async send(deliveries) {
      const readings = deliveries.flatMap((one) => (one.kind === 'reading' ? [one.reading] : []))
      const malformed = deliveries.flatMap((one) => (one.kind === 'malformed-http' ? [one.text] : []))
      const singles = readings.splice(0, 5)
      const batches: SentReading[][] = []
      while (readings.length > 0) batches.push(readings.splice(0, 20 + random.below(80)))
      await Promise.all([...singles.map(sendOne), ...batches.map(sendMany), ...malformed.map(sendMalformed)])
    },
  }
}

/** An array, NDJSON, or either gzipped. */
function encode(readings: SentReading[], random: Random): [string | Buffer, Record<string, string>] {
  const ndjson = random.next() < 0.3
  const text = ndjson ? readings.map((reading) => JSON.stringify(reading)).join('\n') : JSON.stringify(readings)
  const headers = { 'Content-Type': ndjson ? 'application/x-ndjson' : 'application/json' }
  return random.next() < 0.3 ? [gzipSync(text), { ...headers, 'Content-Encoding': 'gzip' }] : [text, headers]
}
