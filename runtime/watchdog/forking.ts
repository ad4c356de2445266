import type { IncomingMessage, ServerResponse } from 'node:http'
import type { WatchdogLog } from './log.ts'
import type { Program, Programs } from './programs.ts'
import { refuse } from './refusal.ts'
import { requestEnvironment } from './request-environment.ts'
import { durationHeader, type Runner } from './runner.ts'
import type { WatchdogSettings } from './settings.ts'

/** What a runner starts programs with. */
export interface RunnerParts {
  settings: WatchdogSettings
  /** Of every program. */
  environment: Record<string, string | undefined>
  programs: Programs
  log: WatchdogLog
}

/** A whole answer is kept in memory. */
const MAX_WHOLE = 64 << 20

/** Takes a program's output; `end` says how the program ended, undefined is success. */
interface Output {
  /** False asks for a pause. */
  data(chunk: Buffer): boolean
  end(fault: string | undefined): void
}

/** Starts the program anew for every call: stdin is the body, stdout the answer. */
export const createForkingRunner = ({ settings, environment, programs, log }: RunnerParts): Runner => {
  const answer: Runner['answer'] = async (request, response, signal) => {
    const began = performance.now()
    log.say('Forking fprocess.')
    const failed = (fault: string) => {
      log.say(`fprocess ${fault}`)
      const detail = `the program ${fault}: the function's log says more`
      refuse(response, { status: 500, code: 'program', detail, own: true }, began)
    }
    let program: Program
    try {
      program = programs.start(settings.command, { ...environment, ...requestEnvironment(request) })
    } catch (error) {
      return failed(`could not be started: ${(error as Error).message}`)
    }
    feed(request, program)
    const written = settings.mode === 'streaming' ? streamed : whole
    const output = written(response, () => head(settings, began), failed)
    let bytes = 0
    program.stdout.on('data', (chunk: Buffer) => {
      if (signal.aborted) return
      bytes += chunk.length
      if (output.data(chunk)) return
      program.stdout.pause()
      response.once('drain', () => program.stdout.resume())
    })
    const abandon = () => {
      program.end()
      program.stdout.destroy()
    }
    if (signal.aborted) abandon()
    else signal.addEventListener('abort', abandon, { once: true })
    const fault = await program.ended
    signal.removeEventListener('abort', abandon)
    if (!signal.aborted) output.end(fault)
    const seconds = ((performance.now() - began) / 1_000).toFixed(6)
    log.say(`Wrote ${bytes} Bytes - Duration: ${seconds} seconds`)
  }
  return { answer, ready: async () => true, stop: async () => {} }
}

const head = ({ contentType }: WatchdogSettings, began: number) => ({
  'Content-Type': contentType,
  ...durationHeader(began),
})

/** Gives a program the body; what it does not read is read off the connection all the same. */
const feed = (request: IncomingMessage, { stdin }: Program): void => {
  request.pipe(stdin)
  const discard = () => {
    request.unpipe(stdin)
    request.resume()
  }
  stdin.on('error', discard)
  stdin.on('close', discard)
  // A body that breaks off does not end: it would pass for whole until the program is told to go.
  request.on('error', () => {})
}

type Written = (response: ServerResponse, head: () => Record<string, string>, failed: (fault: string) => void) => Output

/** Each byte as it comes. */
const streamed: Written = (response, head, failed) => ({
  data: (chunk) => {
    if (!response.headersSent) response.writeHead(200, head())
    return response.write(chunk)
  },
  end: (fault) => {
    if (fault !== undefined) return failed(fault)
    if (!response.headersSent) response.writeHead(200, head())
    response.end()
  },
})

/** The answer once the program is over, so that its exit code decides on all of it. */
const whole: Written = (response, head, failed) => {
  const chunks: Buffer[] = []
  let size = 0
  return {
    data: (chunk) => {
      size += chunk.length
      if (size <= MAX_WHOLE) chunks.push(chunk)
      else chunks.length = 0
      return true
    },
    end: (fault) => {
      if (fault !== undefined) return failed(fault)
      if (size > MAX_WHOLE) return failed(`wrote more than ${MAX_WHOLE} bytes, which only mode=streaming passes on`)
      response.writeHead(200, { ...head(), 'Content-Length': size }).end(Buffer.concat(chunks))
    },
  }
}
