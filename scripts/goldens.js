import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './prepare.js'

// Writes test/manifests/golden anew from the build: to be read line by line before it is committed.
const cases = JSON.parse(readFileSync(join(root, 'test/manifests/cases.json'), 'utf8'))
for (const { name, options, env } of cases) {
  const out = join(root, 'test/manifests/golden', name)
  rmSync(out, { recursive: true, force: true })
  const flags = Object.entries({ ...options, out, stack: join(root, 'test/manifests/stack.yml') })
  const args = flags.flatMap(([flag, value]) => [`--${flag}`, value])
  execFileSync(process.execPath, [join(root, 'bin/junction'), 'manifests', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: 'postgres://junction@postgres.data/junction',
      REGISTRY: 'registry.example/acme',
      TAG: '1.2.3',
      ...env,
    },
  })
}
