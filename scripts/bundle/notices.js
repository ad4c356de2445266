import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { refusal } from './license-policy.js'
import { packagesOf, readPackage, withDependencies } from './packages.js'

/** Where the licences of what is in a bundle stand. */
export const NOTICES = 'THIRD_PARTY_NOTICES.txt'

/** Packages whose published file holds their dependencies already, so that no bundler sees those. */
const PREBUNDLED = ['maplibre-gl']

/** The folders of all packages that are in a bundle of these files. */
export function bundledPackages(root, files) {
  const seen = packagesOf(root, files)
  const prebundled = [...seen].filter((folder) => PREBUNDLED.includes(readPackage(folder).name))
  // Types are not in any bundle, nor is what only a command of the package loads.
  const isAbsent = (folder) => readPackage(folder).name.startsWith('@types/') || textOf(folder) === undefined
  return new Set([...seen, ...withDependencies(prebundled, isAbsent)])
}

/**
 * The licences of packages, as the text that goes beside the bundle they are in. Throws where a package may not be passed
 * on, or where its licence asks for a text that it does not have.
 */
export function noticesOf(folders) {
  const notices = [...folders].map(noticeOf).sort((a, b) => (a.title < b.title ? -1 : 1))
  const known = new Map(notices.map((notice) => [notice.title, notice]))
  return `This bundle holds the following packages, each under the licence below it.\n${[...known.values()]
    .map(({ title, license, text }) => `\n${'='.repeat(80)}\n${title}  (${license})\n${'='.repeat(80)}\n\n${text}\n`)
    .join('')}`
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
