import { readFileSync, statSync } from 'node:fs'
import { expect, it } from '@jest/globals'
import { readStack } from '#runtime/stack/read.ts'

it("the repository's stack.yml is read without a mistake and wires every function", () => {
  const { functions } = readStack({
    file: 'stack.yml',
    text: readFileSync('stack.yml', 'utf8'),
    env: {},
    isFolder: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
    readText: () => undefined,
  })
  expect(functions.map(({ wiring }) => wiring.schedule?.cron).filter(Boolean)).toEqual(['1-59/5 * * * *'])
  const wired = functions.map(({ name, wiring, scale }) => [name, wiring.topics, wiring.batch, scale])
  const ours = [
    ['ingest', [], 1, { min: 0, max: 2 }],
    ['map-readings', ['traffic-data'], 100, { min: 0, max: 2 }],
    ['detect-congestion', ['readings'], 500, { min: 0, max: 2 }],
    ['predict-traffic', [], 1, { min: 0, max: 2 }],
    ['city', [], 1, { min: 0, max: 2 }],
  ]
  expect(wired).toEqual(expect.arrayContaining(ours))
})
