import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { refusal } from './bundle/license-policy.js'
import { root } from './prepare.js'

// Looks at every package production needs, also those of other platforms: the lock file names them, and where one is
// installed its own package.json has the last word.

const folder = resolve(process.argv[2] ?? root)
const read = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'))

const packages = Object.entries(read('package-lock.json').packages).flatMap(([path, locked]) => {
  if (path === '' || locked.dev) return []
  const own = existsSync(join(folder, path, 'package.json')) ? read(join(path, 'package.json')) : {}
  const name = path.replace(/^.*node_modules\//, '')
  return [{ name, version: locked.version, license: licenseOf(own) ?? locked.license }]
})

/** Packages of old name it as an object, or as a list of them, each of which may be chosen. */
function licenseOf({ license, licenses }) {
  const named = [license ?? licenses ?? []].flat().map((one) => one.type ?? one)
  return named.length > 1 ? `(${named.join(' OR ')})` : named[0]
}

const faults = packages.flatMap((one) => refusal(one) ?? [])
for (const fault of faults) console.error(fault)
if (faults.length > 0) {
  console.error('take another package, or argue for the licence in scripts/bundle/license-policy.js')
  process.exit(1)
}
console.log(`${packages.length} packages, each under a licence that asks for no more than a notice`)
