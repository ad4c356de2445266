import { existsSync, readFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//
const PLATFORM = /^(aix|android|darwin|freebsd|linux|openbsd|sunos|win32)(?:-(.+))?$/
const ARCHITECTURE = /^(arm|arm64|ia32|loong64|ppc64|riscv64|s390x|x64)$/

/** The package.json of an installed package. */
export const readPackage = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** The folders of the packages whose files went into a bundle. */
export const packagesOf = (root, files) =>
  new Set(files.flatMap((file) => PACKAGE.exec(file)?.[1] ?? []).map((folder) => join(root, folder)))

/** Folders of packages with those of all they depend on; optional ones count where they are installed. */
export function withDependencies(folders, isLeftOut = () => false) {
  const found = new Set()
  const add = (folder) => {
    if (found.has(folder)) return
    found.add(folder)
    const { dependencies = {}, optionalDependencies = {} } = readPackage(folder)
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const inner = installed(folder, name)
      if (inner === undefined && !(name in optionalDependencies))
        throw new Error(`${name}, which ${folder} depends on, is not installed: run "npm install"`)
      if (inner !== undefined && !isLeftOut(inner)) add(inner)
    }
  }
  for (const folder of folders) add(folder)
  return found
}

/** The folders of packages that are named, with those of all they depend on. */
export function namedPackages(root, names) {
  const folders = names.map((name) => {
    const folder = installed(root, name)
    if (folder) return folder
    throw new Error(
      `${name} is not installed: what is kept apart from a bundle must be one of the dependencies of package.json`,
    )
  })
  return withDependencies(folders)
}

/** Where Node.js finds a package from a folder on upwards. */
function installed(from, name) {
  const folder = join(from, 'node_modules', name)
  if (existsSync(join(folder, 'package.json'))) return folder
  return from === dirname(from) ? undefined : installed(dirname(from), name)
}

/** Copies packages as they are installed, without the binaries of other platforms. */
export async function copyPackages(root, folders, out) {
  for (const folder of [...folders].sort()) {
    const filter = (source) => source === folder || isOfThisPlatform(relative(folder, source).split(sep))
    await cp(folder, join(out, relative(root, folder)), { recursive: true, filter, dereference: true })
  }
}

/** A package's own packages are copied, if at all, for themselves. */
function isOfThisPlatform([top, ...parts]) {
  if (top === 'node_modules') return false
  if (top !== 'bin' && top !== 'prebuilds') return true
  const at = parts.findIndex((part) => PLATFORM.test(part))
  const [, platform, architecture] = PLATFORM.exec(parts[at]) ?? []
  if (platform === undefined) return true
  const next = architecture ?? parts[at + 1]
  const fits = next === undefined || !ARCHITECTURE.test(next) || next === process.arch
  return platform === process.platform && fits
}
