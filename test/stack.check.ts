import { readFileSync, statSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { readStack } from '#runtime/stack/read.ts'
import { findTopic } from '#shared/contracts/topics.ts'
import { functionDefinitions } from './functions.ts'

const definitions = await functionDefinitions()
const { functions } = readStack({
  file: 'stack.yml',
  text: readFileSync('stack.yml', 'utf8'),
  env: {},
  isFolder: (path) => statSync(path).isDirectory(),
  readText: () => undefined,
})

describe('stack.yml and the handlers', () => {
  it('name the same functions', () => {
    expect(functions.map(({ name }) => name).sort()).toEqual(definitions.map(({ name }) => name).sort())
  })

  it.each(definitions.map((definition) => [definition.name, definition] as const))(
    'agree on the wiring of %s',
    (name, definition) => {
      const deployed = functions.find((one) => one.name === name)
      expect(deployed?.program).toEqual({ kind: 'built', folder: `./functions/${name}` })
      const [own, foreign] = [true, false].map((ours) =>
        deployed?.wiring.topics.filter((topic) => (findTopic(topic) !== undefined) === ours),
      )
      expect(own).toEqual(definition.consumes ?? [])
      expect(foreign?.length !== 0).toBe(definition.map !== undefined)
      expect(deployed?.wiring.schedule !== undefined).toBe(definition.onSchedule !== undefined)
      expect(deployed?.secrets).toEqual(['database-password', 'connector-key', 'invoke-key', 'operator-token'])
    },
  )

  it('ask nothing of OpenFaaS CE that it refuses', () => {
    for (const { labels, annotations, scale, image } of functions) {
      for (const label of ['zero', 'zero-duration', 'target', 'type'])
        expect(labels).not.toHaveProperty([`com.openfaas.scale.${label}`])
      expect(scale.max).toBeLessThanOrEqual(5)
      expect(Object.keys(annotations).filter((key) => /amazonaws\.com|gke\.io/.test(key))).toEqual([])
      expect(annotations.topic ?? '').not.toContain(',')
      expect(image).toMatch(/^[a-z0-9./-]+:[a-z0-9.]+$/)
    }
  })
})
