import { appendFileSync, readFileSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { defineFunction, type FunctionDefinition, type InputEvent } from '#shared/function/define.ts'
import type { RunUnit, UnitHost, UnitOfWork } from '#shared/function/unit.ts'

/** Counts every effect it has into a table without a unique key, so that a repeated or lost one shows. */
export const counting = defineFunction({
  name: 'counting',
  consumes: ['readings'],
  async onEvents(events, { sql }) {
    await sql.query(
      `insert into counted (id, topic, partition, "offset")
       select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[])`,
      [
        events.map(({ id }) => id),
        events.map(({ topic }) => topic),
        events.map(({ partition }) => partition),
        events.map(({ offset }) => String(offset)),
      ],
    )
    return undefined
  },
})

/** The same for producers that may repeat an event under two offsets. */
export const countingOnce: FunctionDefinition = { ...counting, once: true }

/** What a harness may order by a file of that name in the folder ORDERS. */
type Order =
  /** Taken by one process, which dies by SIGKILL where it stands. */
  | 'die-in-handler'
  | 'die-before-commit'
  | 'die-after-commit'
  /** Taken by one call, which never ends. */
  | 'hang'
  /** As long as it is there every call takes the milliseconds in it, before its effect. */
  | 'slow'
  /** The same, between its effect and its COMMIT. */
  | 'slow-commit'
  /** As long as it is there calls of the partitions in it wait, before their effect, until there is `release`. */
  | 'hold'
  | 'release'

const pathOf = (order: Order) => join(process.env.ORDERS as string, order)

function taken(order: Order): boolean {
  try {
    unlinkSync(pathOf(order))
    return true
  } catch {
    return false
  }
}

/** Dies by SIGKILL where it stands if the harness has left the order to. */
export function dieIfOrdered(order: Order): void {
  if (taken(order)) process.kill(process.pid, 'SIGKILL')
}

function textOf(order: Order): string | undefined {
  try {
    return readFileSync(pathOf(order), 'utf8')
  } catch {
    return undefined
  }
}

async function slowIfOrdered(order: Order): Promise<void> {
  const text = textOf(order)
  if (text !== undefined) await delay(Number(text))
}

async function heldIfOrdered([first]: InputEvent[]): Promise<boolean> {
  const partitions = textOf('hold')?.split(',')
  if (!partitions?.includes(String(first?.partition))) return false
  note('held', 'waits')
  while (textOf('release') === undefined) await delay(50)
  return true
}

/** Runs units by `runUnit`, obeys orders up to its COMMIT, and notes each unit tried and each done before. */
export const noted =
  (runUnit: RunUnit): RunUnit =>
  async (host, work) => {
    noteTry(work)
    let held = false
    try {
      await runUnit(host, {
        ...work,
        async run(events, context) {
          dieIfOrdered('die-in-handler')
          await slowIfOrdered('slow')
          held = await heldIfOrdered(events)
          if (taken('hang')) await new Promise(() => {})
          const result = await work.run(events, context)
          dieIfOrdered('die-before-commit')
          await slowIfOrdered('slow-commit')
          return result
        },
      })
      if (held) note('held', 'done')
    } catch (error) {
      const refused = (error as { code?: string }).code === 'JN001'
      if (held) note('held', refused ? 'refused' : 'failed')
      if (refused) await noteRedelivery(host)
      throw error
    }
  }

/** The same, and dies on order after its COMMIT. */
export const mortal =
  (runUnit: RunUnit): RunUnit =>
  async (host, work) => {
    await noted(runUnit)(host, work)
    dieIfOrdered('die-after-commit')
  }

// A file outlives whatever happens to the process and to the database.
function noteTry({ events }: UnitOfWork): void {
  const lines = events.map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}\n`)
  appendFileSync(join(process.env.ORDERS as string, 'tries'), lines.join(''))
}

const note = (file: string, line: string) => appendFileSync(join(process.env.ORDERS as string, file), `${line}\n`)

const noteRedelivery = (host: UnitHost) => host.database.query('insert into redelivered default values')
