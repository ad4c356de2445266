import { describe, expect, it } from '@jest/globals'
import { check, readObjects, rules } from '#runtime/manifests/validate/validate.ts'
import { bad } from './bad.ts'
import { type Case, cases, golden, made } from './cases.ts'

const secrets = new Map(cases.map((one) => [one.name, made(one).generated.secrets.map(({ name }) => name)]))

const read = new Map(
  cases.map((one) => [
    one.name,
    [...golden(one)].map(([path, text]) => ({ path, text, objects: readObjects(path, text) })),
  ]),
)

describe('the rules for manifests', () => {
  it('have an id each, say what they are taken from, and have a literal that they refuse', () => {
    const ids = rules.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(rules.filter(({ source }) => source.length < 10)).toEqual([])
    expect([...new Set(bad.map(([rule]) => rule))].sort()).toEqual([...ids].sort())
  })

  it.each(bad)('%s alone refuses what is wrong in %s/%s', (rule, name, file, good, wrong) => {
    const one = cases.find((each) => each.name === name) as Case
    const files = read.get(name) ?? []
    const text = files.find(({ path }) => path === file)?.text as string
    expect(text).toContain(good)
    const changed = readObjects(
      file,
      text.replace(good, () => wrong),
    )
    const all = files.flatMap(({ path, objects }) => (path === file ? changed : objects))
    const faults = check(all, { target: one.options.target, secrets: secrets.get(name) as string[] })
    expect([...new Set(faults.map((fault) => fault.rule))]).toEqual([rule])
    expect(faults[0]?.where).toContain(file)
  })
})
