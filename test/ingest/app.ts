import { ingestApp } from '#functions/ingest/app.ts'
import type { Caller, OutputEvent } from '#shared/function/define.ts'

const DAY = 86_400_000
/** City time. */
export const NOW = '2012-03-01T08:01:00.000Z'
/** A reading as it is sent. */
export const reading = {
  device: 'loop-773869',
  observedAt: '2012-03-01T00:00:00-08:00',
  seq: 17,
  measures: { speed: 40, count: 12 },
  units: { speed: 'HM' },
}
/** Its id. */
export const ID = 'loop-773869@2012-03-01T08:00:00.000Z#17'

/** What a test puts in place of the log and of the caller. */
interface Options {
  emit?(events: OutputEvent[]): Promise<void>
  caller?: Caller
}

/** The app of ingest alone; `emitted` is what it gave to the log. */
export const ingest = ({ emit = async () => {}, caller = { role: 'operator' } }: Options = {}) => {
  const emitted: OutputEvent[] = []
  const app = ingestApp(
    {
      emit: async (events) => {
        await emit(events)
        emitted.push(...events)
      },
      now: async () => new Date(NOW),
      settings: {
        acceptPastMs: 30 * DAY,
        acceptFutureMs: 300_000,
        windowMs: 300_000,
        lateAfterMs: 900_000,
        silentAfterMs: 900_000,
      },
      caller: async () => caller,
      counter: () => () => {},
    },
    () => {},
  )
  const post = async (body: string | Uint8Array, headers: Record<string, string> = {}, path = '/') => {
    const answer = await app.request(path, {
      method: 'POST',
      body: typeof body === 'string' ? body : Uint8Array.from(body),
      headers: { 'content-type': 'application/json', ...headers },
    })
    const json = JSON.parse(await answer.text())
    return { status: answer.status, headers: answer.headers, json }
  }
  return { app, post, emitted }
}

/** Posts one JSON body to an app of its own. */
export const send = (value: unknown, headers = {}, options: Options = {}) =>
  ingest(options).post(JSON.stringify(value), headers)
