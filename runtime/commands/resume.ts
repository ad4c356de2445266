import { UserError } from '../user-error.ts'
import { failureOf, findRunning } from './running.ts'

/** Starts a stopped consumer again at once. */
export const resume = async (folder: string, name: string): Promise<string> => {
  const running = await findRunning(folder)
  const response = await running.fetch(`/system/junction/resume/${encodeURIComponent(name)}`, { method: 'POST' })
  if (response.status === 404)
    throw new UserError(`there is no consumer ${name}: "junction status" lists those there are`)
  if (!response.ok) throw new UserError(`${name} is not resumed: ${await failureOf(response)}`)
  return `${name} is resumed`
}
