import { stringify } from 'yaml'
import type { Generated, ManifestFile, Plan, Warning } from './types.ts'

/** The files of a target as texts, by path; the same plan gives the same bytes. */
export const render = ({ files, warnings }: Generated, plan: Pick<Plan, 'target'>): Map<string, string> =>
  new Map(files.map((file) => [file.path, textOf(file, warnings, plan)]))

const textOf = (file: ManifestFile, warnings: Warning[], { target }: Pick<Plan, 'target'>): string => {
  if (file.about === '' && 'text' in file) return file.text
  const own =
    'function' in file ? warnings.filter((one) => one.function !== undefined && one.function === file.function) : []
  const head = [
    `# ${file.about}.`,
    `# Made by \`junction manifests --target ${target}\`: make it anew rather than change it.`,
    ...own.map(({ text }) => `# Note: ${text}.`),
  ].map((line) => `${line}\n`)
  const body = 'text' in file ? file.text : file.manifests.map(document).join('---\n')
  return head.join('') + body
}

// Readers of Kubernetes take YAML 1.1, where a bare `no` or `1_0` is no text.
const document = (value: object): string =>
  stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' })
