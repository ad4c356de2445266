import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { judgeSlice } from '#runtime/connector/verdict.ts'
import { sourceFiles } from './sources.ts'

const page = readFileSync('docs/operations.md', 'utf8')
const runbook = page.slice(page.indexOf('## Runbook'))
const headings = [...runbook.matchAll(/^### `(\w+)`$/gm)].map((match) => match[1])
const sources = sourceFiles()
  .filter((file) => /^(runtime|shared)\//.test(file) && !file.includes('.test.'))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }))

/** The alarms the code can raise: each names itself in its line of the log, some by the code they stop with. */
const alarms = [
  ...new Set(
    sources.flatMap(({ text }) => [
      ...[...text.matchAll(/alarm: '(\w+)'/g)].map((match) => match[1]),
      ...[...text.matchAll(/halt = \{ code: '(\w+)'/g)].map((match) => match[1]),
    ]),
  ),
]

describe('docs/operations.md', () => {
  it('says what to do at every alarm, and of none that there is not', () => {
    expect(alarms.length).toBeGreaterThan(10)
    expect([...headings].sort()).toEqual([...alarms].sort())
  })

  it('says what to do at every code a consumer can stop with', () => {
    const answer = (status: number, body: unknown) =>
      judgeSlice(
        { status, headers: {}, body: Buffer.from(JSON.stringify(body)), via: 'function' },
        { first: 0n, next: 1n },
      )
    const stops = [answer(401, {}), answer(302, {}), answer(404, {}), answer(500, { code: 'configuration' })]
    for (const verdict of stops) {
      expect(['stop', 'missing']).toContain(verdict.kind)
      expect(runbook).toContain(`\n- \`${(verdict as { code: string }).code}\`: `)
    }
  })

  it('is about all errors of the connector and the runtime: each has its alarm', () => {
    const unnamed = sources
      .filter(({ file }) => file.startsWith('runtime/'))
      .flatMap(({ file, text }) =>
        [...text.matchAll(/log\.error\(\s*([\s\S]{0,120})/g)]
          .filter((match) => !/alarm: /.test(match[1] ?? ''))
          .map((match) => `${file}: ${match[1]?.slice(0, 60)}`),
      )
    expect(unnamed).toEqual([])
  })
})
