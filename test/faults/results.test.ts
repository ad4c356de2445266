import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from '@jest/globals'
import type { Result } from './report.ts'
import { readResults, writeResults } from './results.ts'
import type { BusName, Row } from './row.ts'

const root = mkdtempSync(join(tmpdir(), 'junction-results-'))
mkdirSync(join(root, 'test/faults'), { recursive: true })
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], { cwd: root })
git('init', '-q')
git('commit', '-q', '--allow-empty', '-m', 'first')
afterAll(() => rmSync(root, { recursive: true, force: true }))

const result = (id: string, bus: BusName, faults: string[] = []): Result => ({
  row: { id } as Row,
  ...{ bus, seed: 1, seconds: 2.4, faults },
  verdict: { events: 10, fired: 1, criteria: [{ what: 'a | b', value: 'one\ntwo', ok: true }] },
})

it('keeps the last run of each row on each bus, in order, and the controls', () => {
  const control = { caught: true, line: 'control once-off in T13 postgres: caught' }
  writeResults(
    root,
    [result('T02', 'kafka'), result('T06', 'postgres'), result('T02', 'postgres', ['lost 1'])],
    [control],
  )
  writeResults(root, [result('T02', 'postgres'), result('A01', 'kafka')], [])
  expect(readResults(root).map(({ id, bus, passed }) => `${id} ${bus} ${passed}`)).toEqual([
    'T02 postgres true',
    'T06 postgres true',
    'A01 kafka true',
    'T02 kafka true',
  ])
  const text = readFileSync(join(root, 'test/faults/RESULTS.md'), 'utf8')
  const [day, commit] = [new Date().toISOString().slice(0, 10), git('rev-parse', '--short', 'HEAD').toString().trim()]
  expect(text).toContain(
    `\n| T06 | postgres | 1 | yes | ${day} | ${commit} | 2 | 10 | 1 | - | - | - | - | - | - | a / b: one |\n`,
  )
  expect(text).toContain(`\n- control once-off in T13 postgres: caught (${day}, ${commit})\n`)
})
