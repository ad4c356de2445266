import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { z } from 'zod'
import type { Deployments } from '../../deployments/types.ts'
import type { LogLine } from '../../logs/line.ts'
import { readLog, writtenAt } from '../../logs/read.ts'
import { fullName } from '../../stack/key.ts'
import { Refused } from '../problem.ts'
import { targetKey } from '../target.ts'
import type { Route } from './route.ts'

/** What the route of logs works on. */
export interface LogRoutes {
  logDir: string
  deployments: Deployments
}

const flag = z.enum(['', '0', '1', 'f', 't', 'false', 'true', 'False', 'True', 'FALSE', 'TRUE'])
const Query = z.object({
  name: z.string('it is missing').min(1, 'it is empty'),
  namespace: z.string().default(''),
  instance: z.string().default(''),
  /** -1 and 0 = all. */
  tail: z.coerce.number('it must be a number').int('it must be a whole number').gte(-1).default(-1),
  follow: flag.default('').transform((text) => /^[1t]/i.test(text)),
  since: z.iso
    .datetime({ offset: true, error: 'it must be an RFC 3339 time' })
    .transform((text) => new Date(text))
    .optional(),
})
type Query = z.infer<typeof Query>

/** OpenFaaS's route of logs: NDJSON, a line at a time, for as long as the client follows. */
export const logRoutes = ({ logDir, deployments }: LogRoutes): Route[] => [
  {
    methods: ['GET'],
    pattern: /^\/system\/logs$/,
    label: '/system/logs',
    stream: async ({ query }, response, signal) => {
      const asked = readQuery(query)
      const key = targetKey(asked.name, asked.namespace)
      if (key === undefined || !deployments.get(key)) {
        const detail = `there is no function ${asked.name.slice(0, 64)}`
        throw new Refused({ status: 404, title: 'Unknown function', detail, code: 'not_found' })
      }
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      response.flushHeaders()
      const file = join(logDir, `${key}.log`)
      await send(asked, key, file, response, signal)
      response.end()
    },
  },
]

const readQuery = (query: URLSearchParams): Query => {
  const given = [...query].filter(([name, value]) => value !== '' || name === 'name')
  const result = Query.safeParse(Object.fromEntries(given))
  if (result.success) return result.data
  const detail = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  throw new Refused({ status: 422, title: 'Unprocessable query', detail, code: 'invalid' })
}

const send = async (asked: Query, key: string, file: string, response: ServerResponse, signal: AbortSignal) => {
  const full = fullName(key)
  const dot = full.lastIndexOf('.')
  const [name, namespace] = [full.slice(0, dot), full.slice(dot + 1)]
  // Lines without a time of their own have that of the line before.
  let at = (await writtenAt(`${file}.1`)) ?? (await writtenAt(file)) ?? new Date()
  const messagesOf = (lines: LogLine[]) =>
    lines.flatMap((line) => {
      at = line.at ?? at
      const instance = line.pid === undefined ? name : `${name}-${line.pid}`
      if (asked.since && at < asked.since) return []
      if (asked.instance && instance !== asked.instance) return []
      return [{ name, namespace, instance, timestamp: at.toISOString(), text: line.text }]
    })
  const write = async (messages: object[]) => {
    for (const message of messages)
      if (!response.write(`${JSON.stringify(message)}\n`)) await once(response, 'drain', { signal }).catch(() => {})
  }
  let last: object[] | undefined = asked.tail > 0 ? [] : undefined
  for await (const lines of readLog(file, asked.follow, signal)) {
    if (signal.aborted) break
    const messages = messagesOf(lines)
    if (!last) await write(messages)
    else if (lines.length > 0) last = [...last, ...messages].slice(-asked.tail)
    else {
      await write(last)
      last = undefined
    }
  }
}
