import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seeded } from '#test/e2e/random.ts'
import { openCity } from './city/city.ts'
import type { BusName, Profile, Stage } from './row.ts'
import type { Server } from './server.ts'

/** What a stage is made for. */
export interface StageOptions {
  root: string
  id: string
  bus: BusName
  profile: Profile
  seed: number
  broken: string | undefined
  server: () => Promise<Server>
  say(line: string): void
  /** What is left behind stays, to be looked at. */
  keep: boolean
}

const EVENTS = { full: 5_000, ci: 1_000 }

/** Makes the stage of one row, and what ends all that was started on it. */
export function openStage(options: StageOptions): { stage: Stage; end(): Promise<void> } {
  const { root, id, bus, profile, seed, broken, say } = options
  const folder = mkdtempSync(join(tmpdir(), `junction-${id.toLowerCase()}-`))
  const ends: (() => Promise<unknown> | unknown)[] = [
    () =>
      options.keep
        ? say(`kept: ${folder}`)
        : rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }),
  ]
  const atEnd: Stage['atEnd'] = (work) => void ends.push(work)
  const stage: Stage = {
    ...{ bus, profile, seed, broken, folder, say, atEnd },
    random: seeded(seed),
    events: EVENTS[profile],
    scaled: (full, ci) => (profile === 'full' ? full : ci),
    city: async (city) =>
      openCity(
        {
          ...{ root, folder, atEnd, carrier: bus, leaseMs: profile === 'full' ? 45_000 : 5_000 },
          server: await options.server(),
          name: `row_${id.toLowerCase()}_${Date.now().toString(36)}`,
          counting: broken ?? 'counting',
        },
        city,
      ),
  }
  return {
    stage,
    async end() {
      const failures: unknown[] = []
      for (const work of ends.toReversed())
        await Promise.resolve()
          .then(work)
          .catch((error) => failures.push(error))
      if (failures.length > 0) throw new AggregateError(failures, `${id} did not end in order`)
    },
  }
}
