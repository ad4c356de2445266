import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'

const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'))
const installed: Record<string, { hasInstallScript?: boolean; resolved?: string }> = json('package-lock.json').packages

describe('the packages', () => {
  it('run no script at install: none is needed, and npm asks for a word on each', () => {
    const scripted = Object.entries(installed).flatMap(([path, { hasInstallScript }]) =>
      hasInstallScript ? [path.replace(/^.*node_modules\//, '')] : [],
    )
    expect(Object.keys(json('package.json').allowScripts).sort()).toEqual([...new Set(scripted)].sort())
    expect(new Set(Object.values(json('package.json').allowScripts))).toEqual(new Set([false]))
  })

  it('come from the registry of whoever installs: the lock file names none', () => {
    expect(Object.entries(installed).filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })
})
