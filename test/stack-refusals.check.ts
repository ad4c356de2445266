import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { isImage } from '#runtime/manifests/validate/pods.ts'
import { readStack } from '#runtime/stack/read.ts'

const text = readFileSync('stack.yml', 'utf8')
const read = (source: string) =>
  readStack({ file: 'stack.yml', text: source, env: {}, isFolder: () => true, readText: () => undefined }).functions

const SCALE = 'com.openfaas.scale'
const MAX = `${SCALE}.max: "2"`
const label = (line: string) => text.replace(MAX, `${MAX}\n      ${line}`)
const annotated = (line: string) => text.replace('    labels:\n', `    annotations:\n      ${line}\n    labels:\n`)
const more = (count: number) =>
  Array.from({ length: count }, (_, i) => `  more-${i}:\n    handler: ./f\n    image: registry.example/a/f:1\n`).join(
    '',
  )

/** Each deployment that OpenFaaS CE is documented to answer 400, as this stack.yml would ask for it. */
const REFUSED: [string, string, string][] = [
  ['scale.zero=true', label(`${SCALE}.zero: "true"`), `refuses the label "${SCALE}.zero"`],
  ['scale.zero-duration', label(`${SCALE}.zero-duration: 5m`), `refuses the label "${SCALE}.zero-duration"`],
  ['scale.target', label(`${SCALE}.target: "10"`), `refuses the label "${SCALE}.target"`],
  ['scale.type', label(`${SCALE}.type: rps`), `refuses the label "${SCALE}.type"`],
  ['scale.max over 5', text.replace(MAX, `${SCALE}.max: "6"`), "CE's limit"],
  ['scale.min over 5', label(`${SCALE}.min: "6"`), "CE's limit"],
  ['a comma in topic', annotated('topic: readings,alerts'), 'takes one "topic" a function'],
  ['an annotation of amazonaws.com', annotated('eks.amazonaws.com/role-arn: a'), 'refuses the annotation'],
  ['an annotation of gke.io', annotated('iam.gke.io/gcp-service-account: a'), 'refuses the annotation'],
  [
    'another namespace',
    text.replace('    labels:\n', '    namespace: staging\n    labels:\n'),
    'knows the namespace openfaas-fn',
  ],
  ['a 16th function', text + more(16 - read(text).length), 'takes 15 functions'],
  ['a name over 63 characters', text.replace('  ingest:\n', `  ${'i'.repeat(64)}:\n`), 'must be a DNS label'],
]

describe('what OpenFaaS CE refuses', () => {
  it.each(REFUSED)('is refused of this stack.yml before: %s', (_, source, message) => {
    expect(source).not.toBe(text)
    expect(() => read(source)).toThrow(message)
  })

  it('is nothing of stack.yml as it is, whose images CE can ask a registry for', () => {
    const functions = read(text)
    expect(functions.length).toBeLessThanOrEqual(15)
    expect(functions.filter(({ image }) => !isImage(image))).toEqual([])
  })
})
