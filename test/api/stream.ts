import { TrafficState } from '#shared/contracts/traffic.ts'

// Functions that sleep have to be woken on the way.
const PATIENCE_MS = 180_000

/**
 * What drives contracts cannot end a stream without end, so `/api/events` is driven here: a state that `change` brings
 * about comes as the contract says, and a wrong position is refused. Throws what is wrong.
 */
export async function driveEvents(url: string, change: () => Promise<void>): Promise<void> {
  const address = `${url}/function/city/api/events`
  const wrong = await fetch(address, { headers: { 'last-event-id': 'yesterday' } })
  expectToBe('the status of a wrong Last-Event-ID', wrong.status, 400)
  expectToBe('its content type', wrong.headers.get('content-type'), 'application/problem+json')
  await wrong.body?.cancel()

  const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) })
  expectToBe('the status of the stream', answer.status, 200)
  expectToBe('its content type', answer.headers.get('content-type'), 'text/event-stream')
  await change()
  let text = ''
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    const [, id, data] = /^id: (\d+)\nevent: state\ndata: (.*)\n\n/m.exec(text) ?? []
    if (id === undefined || data === undefined) continue
    TrafficState.parse(JSON.parse(data))
    return
  }
  throw new Error(`the stream ended without a state: ${text}`)
}

function expectToBe(what: string, found: unknown, wanted: unknown): void {
  if (found !== wanted) throw new Error(`${what} is ${found}, not ${wanted}`)
}
