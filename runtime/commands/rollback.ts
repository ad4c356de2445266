import { UserError } from '../user-error.ts'
import { failureOf, findRunning } from './running.ts'

/** Goes back to the revision of a function that took its calls before. */
export const rollback = async (folder: string, name: string): Promise<string> => {
  const running = await findRunning(folder)
  const response = await running.fetch(`/system/junction/rollback/${encodeURIComponent(name)}`, { method: 'POST' })
  if (!response.ok) throw new UserError(`${name} is not rolled back: ${await failureOf(response)}`)
  const { from, to, image } = (await response.json()) as { from: number; to: number; image: string }
  return `${name} is rolled back from revision ${from} to ${to} (${image}): "junction status" says when it serves`
}
