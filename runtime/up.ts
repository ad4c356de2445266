import type { Terminal } from './commands/output.ts'
import { start, type UpOptions } from './up/start.ts'
import { collectStops, printSteps, type Step } from './up/steps.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** npm passes on the Ctrl-C that the terminal has already sent: within this time it is one and the same. */
const SAME_SIGNAL_MS = 500

/** Runs a city on this machine until it is told to stop: the first signal stops in order, the second at once. */
export const up = async (options: UpOptions, terminal: Terminal): Promise<void> => {
  const say = (line: string) => terminal.out(`${line}\n`)
  const stop = new AbortController()
  let firstAt: number | undefined
  const onSignal = () => {
    if (firstAt !== undefined) {
      // Functions and PostgreSQL end by themselves when this process is gone.
      if (performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(130)
      return
    }
    firstAt = performance.now()
    say('\nstopping (again: at once)')
    stop.abort()
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)

  const stops = collectStops((name, error) => say(`${name} did not stop well: ${error.message}`))
  const print = printSteps(say)
  const step: Step = (name, work, detail) => {
    stop.signal.throwIfAborted()
    return print(name, work, detail)
  }
  let isCut = false
  let isOver = false
  try {
    const { url, span } = await start(options, step, stops, say)
    say(`\n  ${url}/function/city/\n`)
    isCut = span !== undefined
    if (span) await span(stop.signal)
    else if (!stop.signal.aborted) await new Promise((aborted) => stop.signal.addEventListener('abort', aborted))
    isCut = false
    isOver = true
  } catch (error) {
    if (!stop.signal.aborted) throw error
  } finally {
    const began = performance.now()
    await stops.run()
    if (isOver || stop.signal.aborted) say(`stopped in ${Math.round(performance.now() - began)} ms`)
  }
  process.exit(isCut ? 130 : 0)
}
