import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from '@jest/globals'

it('docs/configuration.md is what the schema says: run `npm run docs` otherwise', () => {
  const written = readFileSync('docs/configuration.md', 'utf8')
  const made = execFileSync(process.execPath, [
    '--input-type=module',
    '-e',
    `import { configurationPage } from './scripts/docs.js'; process.stdout.write(await configurationPage())`,
  ]).toString()
  expect(written).toBe(made)
})
