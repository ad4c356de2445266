import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { refusal } from './license-policy.js'

/** Packages whose published file holds their dependencies already, so that no bundler sees those. */
const PREBUNDLED = ['maplibre-gl']

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//

/**
 * The licences of the packages whose files went into a bundle, as the text that goes beside it. Throws where a package may
 * not be passed on, or where its licence asks for a text that it does not have.
 */
export function noticesOf(root, files) {
  const folders = files.flatMap((file) => PACKAGE.exec(file)?.[1] ?? [])
  const all = new Set(folders.map((folder) => join(root, folder)))
  for (const folder of all)
    if (PREBUNDLED.includes(readPackage(folder).name)) for (const inner of dependenciesOf(folder, root)) all.add(inner)
  const notices = [...all].map(noticeOf).sort((a, b) => (a.title < b.title ? -1 : 1))
  const known = new Map(notices.map((notice) => [notice.title, notice]))
  return `This bundle holds the following packages, each under the licence below it.\n${[...known.values()]
    .map(({ title, license, text }) => `\n${'='.repeat(80)}\n${title}  (${license})\n${'='.repeat(80)}\n\n${text}\n`)
    .join('')}`
}

const readPackage = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

function dependenciesOf(folder, root, found = new Set()) {
  for (const name of Object.keys(readPackage(folder).dependencies ?? {})) {
    const nested = join(folder, 'node_modules', name)
    const inner = existsSync(nested) ? nested : join(root, 'node_modules', name)
    // Types are not in any bundle, nor is what only a command of the package loads.
    if (name.startsWith('@types/') || found.has(inner) || textOf(inner) === undefined) continue
    found.add(inner)
    dependenciesOf(inner, root, found)
  }
  return found
}

function noticeOf(folder) {
  const { name, version, license } = readPackage(folder)
  const refused = refusal({ name, version, license })
  if (refused) throw new Error(`${refused}: it may not be in a bundle`)
  const text = textOf(folder)
  if (text === undefined) throw new Error(`${name}@${version} is in a bundle and has no text of its licence`)
  return { title: `${name} ${version}`, license, text }
}

/** The files of a licence and its notices, or the part of the README that takes their place. */
function textOf(folder) {
  const names = readdirSync(folder)
  const files = names.filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort()
  if (files.length > 0) return files.map((name) => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n')
  const readme = names.find((name) => /^readme/i.test(name))
  const text = readme && readFileSync(join(folder, readme), 'utf8')
  return text && /^#+ *licen[cs]e[\s\S]*/im.exec(text)?.[0].trim()
}
