import type { FeedTarget } from '#demo/replayer.ts'
import { readRuntimeFile } from '../up/runtime-file.ts'
import { UserError } from '../user-error.ts'
import { secretOf } from './running.ts'

/** Where a feed goes: to a URL, or to the gateway of a data folder. */
export interface FeedOptions {
  url?: string
  data: string
  from?: Date
  to?: Date
}

/** Runs a feed until its end, Ctrl-C, or the end of the runtime that started it. */
const runUntilStopped = async ({ url, data, from, to }: FeedOptions, run: (target: FeedTarget) => Promise<unknown>) => {
  if ((from === undefined) !== (to === undefined)) throw new UserError('a span needs both: give --from and --to')
  const span = from && to && { from, to }
  // The token of a data folder goes to its own gateway alone.
  const at = url === undefined ? await ownGateway(data) : { gateway: url, token: undefined }
  const stop = new AbortController()
  const abort = () => stop.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, abort)
  // Started by a runtime, it never outlives it.
  process.once('disconnect', () => process.exit())
  try {
    await run({ ...at, span, signal: stop.signal, out: process.stdout })
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    if (process.connected) process.disconnect()
  }
}

const ownGateway = async (data: string) => ({
  gateway: (await readRuntimeFile(data)).url,
  token: secretOf(data, 'operator-token'),
})

/** `junction replay`. */
export const replayCommand = async (folder: string, options: FeedOptions & { speed?: number }) => {
  const { replay } = await import('#demo/replayer.ts')
  await runUntilStopped(options, (target) => replay(target, folder, options.speed))
}

/** `junction generate`. */
export const generateCommand = async (options: FeedOptions & { seed: number }) => {
  const { generate } = await import('#demo/generate.ts')
  await runUntilStopped(options, (target) => generate(target, options.seed))
}
