import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** Resolves once the file of that name is in the folder `GATES`: whoever makes it says when, however slow a machine is. */
export async function gate(name: string): Promise<void> {
  const file = join(process.env.GATES ?? '', name)
  while (!existsSync(file)) await delay(10)
}
