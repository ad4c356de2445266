import type { FunctionDefinition } from '#shared/function/define.ts'
import { functionNames } from './sources.ts'

/** What every handler of functions/ declares. */
export async function functionDefinitions(): Promise<FunctionDefinition[]> {
  const definitions: FunctionDefinition[] = []
  // One after the other: jest's loader of modules fails on imports side by side.
  for (const name of functionNames()) {
    const handler: { default: FunctionDefinition } = await import(`../functions/${name}/handler.ts`)
    definitions.push(handler.default)
  }
  return definitions
}
