import { parseAllDocuments } from 'yaml'
import { eventingRules } from './eventing.ts'
import { kedaRules } from './keda.ts'
import { knativeRules } from './knative.ts'
import { at, text } from './look.ts'
import { objectRules } from './objects.ts'
import { openfaasRules } from './openfaas.ts'
import { podRules } from './pods.ts'
import { referenceRules } from './references.ts'
import type { Found, Rule, Setting } from './rule.ts'

/** Every rule: each has an id of its own and what it is taken from. */
export const rules: Rule[] = [
  ...objectRules,
  ...podRules,
  ...referenceRules,
  ...knativeRules,
  ...eventingRules,
  ...kedaRules,
  ...openfaasRules,
]

/** What is wrong, by which rule and where. */
export interface Fault {
  rule: string
  where: string
  what: string
}

/** Looks at the files of a target, by path, as whoever applies them would read them. */
export const validate = (files: Map<string, string>, about: Omit<Setting, 'all'>): Fault[] =>
  check(
    [...files].flatMap(([path, source]) => readObjects(path, source)),
    about,
  )

/** Looks at all objects of a target together. */
export const check = (all: Found[], about: Omit<Setting, 'all'>): Fault[] =>
  all.flatMap((found) =>
    rules.flatMap(({ id, check: look }) => {
      const what = look(found, { ...about, all })
      return what ? [{ rule: id, where: found.where, what }] : []
    }),
  )

/** The objects of a file of YAML; none of any other. */
export const readObjects = (path: string, source: string): Found[] => {
  if (!/\.ya?ml$/.test(path)) return []
  return [...parseAllDocuments(source, { version: '1.1', uniqueKeys: true })].map((document): Found => {
    const [error] = document.errors
    if (error) throw new Error(`${path}: ${error.message}`)
    const value: unknown = document.toJS()
    const [kind, name] = [text(at(value, 'kind')) || 'Stack', text(at(value, 'metadata.name'))]
    return {
      where: [path, kind, name].filter(Boolean).join(' '),
      kind,
      apiVersion: text(at(value, 'apiVersion')),
      name,
      value,
    }
  })
}
