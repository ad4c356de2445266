import { type Redelivery, RedeliveryRequest } from '#shared/contracts/redelivery.ts'
import type { Problem } from '../gateway/problem.ts'
import { type RedeliveryTools, redeliver } from '../redelivery/redeliver.ts'

/** Sets positions as the body of a request asks. */
export type OperatorRedeliver = (body: Buffer) => Promise<Redelivery | { problem: Problem }>

/** Makes the operator's redelivery; `onDone` hears of what was really moved. */
export const operatorRedeliver =
  (tools: RedeliveryTools, onDone: (done: Redelivery) => void): OperatorRedeliver =>
  async (body) => {
    const request = RedeliveryRequest.safeParse(parse(body))
    if (!request.success) {
      const faults = request.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`)
      return refusal(400, 'invalid', faults.join('; '))
    }
    try {
      const done = await redeliver(tools, request.data)
      if (!done.dryRun) onDone(done)
      return done
    } catch (error) {
      if ((error as Error).name !== 'RedeliveryRefused') throw error
      return refusal(422, 'refused', (error as Error).message)
    }
  }

const refusal = (status: number, code: string, detail: string) => ({
  problem: { status, title: status === 400 ? 'Bad Request' : 'Refused', detail, code },
})

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}
