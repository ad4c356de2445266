import { Agent, type IncomingMessage, request as requestOf } from 'node:http'
import { pipeline } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunnerParts } from './forking.ts'
import { refuse } from './refusal.ts'
import { bearsKey } from './request-environment.ts'
import { durationHeader, type Runner } from './runner.ts'
import { accepts, chooseUpstream } from './upstream.ts'

/** The program keeps an idle connection at least so long. */
const IDLE_MS = 500
const END_MS = 5_000

/** Starts the program once, and hands it every call over HTTP; its end is the end of the watchdog, told by `onEnd`. */
export const createHttpRunner = async (parts: RunnerParts, onEnd: (fault: string) => void): Promise<Runner> => {
  const { settings, environment, programs, log } = parts
  const upstream = await chooseUpstream(settings.upstream)
  const port = String(upstream.port)
  const [file, ...args] = settings.command
  const command: typeof settings.command = [file, ...args.map((word) => word.replaceAll('$PORT', port))]
  log.say(`Forking: ${command.join(' ')}, which is to listen on port ${port}.`)
  const program = programs.start(command, { ...environment, PORT: port })
  program.stdout.pipe(log.linesOf('stdout'))
  let accepted = false
  let stopping = false
  void program.ended.then((fault = 'ended') => {
    if (!stopping) onEnd(`the program ${fault}`)
  })
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS })

  const answer: Runner['answer'] = (request, response, signal) =>
    new Promise((resolve) => {
      const began = performance.now()
      const { method, url: path } = request
      const call = requestOf({ ...upstream, agent, method, path, headers: forwarded(request) })
      const abandon = () => void call.destroy()
      signal.addEventListener('abort', abandon, { once: true })
      // Fires after an answer, too, and after what went wrong before there was one.
      call.once('close', () => {
        signal.removeEventListener('abort', abandon)
        resolve()
      })
      call.once('response', (answered: IncomingMessage) => {
        const headers = [...passed(answered.rawHeaders), ...Object.entries(durationHeader(began)).flat()]
        try {
          response.writeHead(answered.statusCode ?? 502, answered.statusMessage, headers)
        } catch (error) {
          answered.destroy()
          log.say(`Upstream HTTP response error: ${(error as Error).message}`)
          // The odd one would be sent with the refusal.
          response.statusMessage = ''
          const detail = 'the program answered with a head that is no HTTP'
          return refuse(response, { status: 502, code: 'crashed', detail }, began)
        }
        pipeline(answered, response, () => {})
      })
      call.on('error', ({ message }) => {
        request.unpipe(call)
        request.resume()
        if (signal.aborted || response.headersSent) return
        log.say(`Upstream HTTP request error: ${message}`)
        refuse(response, { status: 502, code: 'crashed', detail: 'the program took no call, or broke it off' }, began)
      })
      request.pipe(call)
    })

  return {
    answer,
    ready: async () => {
      accepted ||= await accepts(upstream)
      return accepted
    },
    stop: async () => {
      stopping = true
      agent.destroy()
      program.end()
      await Promise.race([program.ended, sleep(END_MS, undefined, { ref: false })])
    },
  }
}

/** Headers of one hop (RFC 9110 7.6.1). */
const HOP = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
)

const passed = (rawHeaders: string[], more: string[] = []): string[] => {
  const result: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    const lower = name.toLowerCase()
    if (!HOP.has(lower) && !more.includes(lower)) result.push(name, rawHeaders[i + 1] as string)
  }
  return result
}

const forwarded = ({ rawHeaders, headers }: IncomingMessage): string[] => {
  const result = passed(rawHeaders, bearsKey(headers) ? ['expect', 'authorization'] : ['expect'])
  if (headers['transfer-encoding'] !== undefined) result.push('Transfer-Encoding', 'chunked')
  return result
}
