import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { ConfigurationError } from '#shared/configuration-error.ts'
import type { StackFunction } from '../stack/types.ts'
import type { Entry } from './entry.ts'

const Program = z.union([
  z.object({ kind: z.literal('built'), folder: z.string() }),
  z.object({ kind: z.literal('process'), command: z.string() }),
])
const Definition = z.looseObject({ name: z.string(), namespace: z.string(), image: z.string(), program: Program })
const Saved = z.object({
  version: z.literal(1),
  functions: z.record(
    z.string(),
    z.object({
      stack: z.string().nullable(),
      removed: z.boolean(),
      createdAt: z.string(),
      revision: z.int(),
      serving: z.int(),
      rollout: z.enum(['settled', 'rolling', 'failed']),
      fault: z.string().optional(),
      revisions: z
        .array(
          z.object({
            ...{ number: z.int(), at: z.string(), definition: Definition },
            ...{ served: z.boolean(), before: z.int().optional() },
          }),
        )
        .min(1),
    }),
  ),
})

/** Reads what the API changed; throws ConfigurationError for a file that is not as it was written. */
export const readDeployments = async (file: string): Promise<Map<string, Entry>> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
  if (text === undefined) return new Map()
  try {
    const { functions } = Saved.parse(JSON.parse(text))
    return new Map(Object.entries(functions).map(([key, saved]) => [key, entryOf(saved)]))
  } catch (error) {
    throw new ConfigurationError(
      `${file} cannot be read: move it away to start with the functions of stack.yml alone (${(error as Error).message})`,
    )
  }
}

type SavedEntry = z.infer<typeof Saved>['functions'][string]

const entryOf = (saved: SavedEntry): Entry => ({
  ...saved,
  changed: true,
  revisions: saved.revisions.map((one) => ({ ...one, definition: one.definition as unknown as StackFunction })),
})

/** Writes what the API changed, whole or not at all, and on disk when it resolves: it holds environments, so only its owner reads it. */
export const writeDeployments = async (file: string, entries: Map<string, Entry>): Promise<void> => {
  const kept = [...entries].filter(([, { changed }]) => changed)
  const functions = Object.fromEntries(kept.map(([key, { changed: _, ...entry }]) => [key, entry]))
  const out = await open(`${file}.new`, 'w', 0o600)
  try {
    await out.writeFile(`${JSON.stringify({ version: 1, functions }, undefined, 2)}\n`)
    await out.sync()
  } finally {
    await out.close()
  }
  await rename(`${file}.new`, file)
  const folder = await open(dirname(file), 'r')
  await folder.sync().finally(() => folder.close())
}
