import type { DeadLetterPage, ReplayOutcome } from '#shared/contracts/dead-letters.ts'
import type { Database } from '#shared/state/database.ts'
import { type PageQuery, readDeadLetterPage } from '../dead-letters/page.ts'
import { type ReplayOptions, replayDeadLetter, takesKey } from '../dead-letters/replay.ts'
import { findDeadLetter, isDeadLetterId } from '../dead-letters/rows.ts'
import type { Deployments } from '../deployments/types.ts'
import type { Invoke } from '../gateway/invoke.ts'
import type { Problem } from '../gateway/problem.ts'
import { problemLine } from '../problem-line.ts'

/** What an operator asks of the dead letters over HTTP. */
export interface OperatorDeadLetters {
  list(query: URLSearchParams): Promise<DeadLetterPage | { problem: Problem }>
  replay(id: string): Promise<ReplayOutcome | { problem: Problem }>
}

/** What they are read and brought back with. */
export interface OperatorDeadLettersOptions {
  database: Database
  deployments: Pick<Deployments, 'get'>
  invokeKey: string
  /** Undefined until the gateway has started. */
  invoke(): Invoke | undefined
}

const DEFAULT_LIMIT = 50
const MOST = 200

/** The operator's dead letters: pages of the open ones, and the replay of one. */
export const operatorDeadLetters = ({
  database,
  deployments,
  invokeKey,
  invoke,
}: OperatorDeadLettersOptions): OperatorDeadLetters => {
  const deliver: ReplayOptions['deliver'] = async (name, { headers, body }) => {
    const answer = await invoke()?.(name, { headers, body: Buffer.from(body) })
    if (answer === undefined) return { status: 503, detail: 'the runtime is still starting' }
    return { status: answer.status, detail: problemLine(answer.status, answer.body.toString('utf8')) }
  }
  const keyFor: ReplayOptions['keyFor'] = async (name) => {
    const definition = deployments.get(name)
    return definition?.program.kind === 'built' && takesKey(definition.annotations) ? invokeKey : undefined
  }
  return {
    async list(query) {
      const page = readPageQuery(query)
      return 'problem' in page ? page : readDeadLetterPage(database, page)
    },
    async replay(id) {
      const letter = isDeadLetterId(id) ? await findDeadLetter(database, id) : undefined
      return letter === undefined
        ? { problem: { status: 404, title: 'Not found', detail: 'there is no such dead letter', code: 'not_found' } }
        : replayDeadLetter(letter, { database, keyFor, deliver })
    },
  }
}

/** Reads what a page is asked for; a limit beyond the most is the most. */
export const readPageQuery = (query: URLSearchParams): PageQuery | { problem: Problem } => {
  const limit = query.get('limit') ?? String(DEFAULT_LIMIT)
  const after = query.get('after')
  if (!/^[1-9]\d{0,5}$/.test(limit)) return invalid('limit: a number from 1')
  if (after !== null && !isDeadLetterId(after)) return invalid('after: the id of a dead letter')
  return {
    consumer: query.get('consumer') || null,
    reason: query.get('reason') || null,
    limit: Math.min(MOST, Number(limit)),
    after,
  }
}

const invalid = (detail: string) => ({ problem: { status: 400, title: 'Bad Request', detail, code: 'invalid' } })
