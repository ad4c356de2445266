import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ManifestsOptions, makeManifests } from '#runtime/commands/manifests.ts'

const FOLDER = 'test/manifests'

/** A target with its options; scripts/goldens.js makes the same. */
export interface Case {
  name: string
  options: Omit<ManifestsOptions, 'out'>
  env: Record<string, string>
}

/** Every case there are goldens of. */
export const cases: Case[] = JSON.parse(readFileSync(join(FOLDER, 'cases.json'), 'utf8'))

const ENVIRONMENT = {
  DATABASE_URL: 'postgres://junction@postgres.data/junction',
  REGISTRY: 'registry.example/acme',
  TAG: '1.2.3',
}

/** Makes the manifests of a case, or of another stack by its options. */
export const made = ({ options, env }: Omit<Case, 'name'>, stack = join(FOLDER, 'stack.yml')) =>
  makeManifests({ ...options, stack }, { ...ENVIRONMENT, ...env })

/** What is kept of a case, by path. */
export const golden = ({ name }: Pick<Case, 'name'>): Map<string, string> => {
  const folder = join(FOLDER, 'golden', name)
  return new Map(
    readdirSync(folder)
      .sort()
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  )
}
