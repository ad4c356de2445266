import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { difference } from './match.ts'
import type { Step } from './step.ts'

/** Whom the requests are sent to, and as whom. */
export interface Player {
  url: string
  authorization: string
}

const PATIENCE_MS = 60_000
const POLL_MS = 50

/** Sends one step after the other; throws at the first answer that is not as expected. Answers how many there were. */
export const play = async (steps: Step[], player: Player): Promise<number> => {
  for (const [index, step] of steps.entries()) {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const fault = await playOne(step, player)
      if (fault === undefined) break
      if (!step.eventually || Date.now() > deadline) {
        const what = `${step.method} ${step.path} ${step.body ?? ''}`.trimEnd()
        throw new Error(`step ${index + 1} of ${steps.length}, ${step.command}: ${fault}\n  ${what}`)
      }
      await sleep(POLL_MS)
    }
  }
  return steps.length
}

const playOne = async (step: Step, { url, authorization }: Player): Promise<string | undefined> => {
  const answer = await send(step, url, authorization)
  if (answer.status !== step.status)
    return `the status is ${answer.status}, not ${step.status}: ${answer.body.slice(0, 300)}`
  for (const [name, expected] of Object.entries(step.answerHeaders ?? {})) {
    const fault = difference(String(answer.headers[name]), expected, `the header ${name}`)
    if (fault) return fault
  }
  if (step.text !== undefined) return difference(answer.body, step.text, 'the body')
  return step.json === undefined ? undefined : difference(JSON.parse(answer.body), step.json)
}

/** As faas-cli does: its own name, a type where there is a body, and a namespace only where it was told one. */
const send = (step: Step, url: string, authorization: string) =>
  new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const body = step.body ?? ''
    const headers = {
      'user-agent': 'faas-cli/0.18.12',
      ...(authorization === '' ? {} : { authorization }),
      ...(body === '' ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      ...step.headers,
    }
    const call = request(new URL(step.path, url), { method: step.method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        resolve({
          ...{ status: response.statusCode ?? 0, headers: response.headers },
          body: Buffer.concat(chunks).toString(),
        })
      })
    })
    call.on('error', reject)
    call.end(body)
  })
