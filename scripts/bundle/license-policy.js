import parse from 'spdx-expression-parse'

/** Licences that ask for no more than a notice. Copyleft of any strength, source-available and unknown ones are not here. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
  'Zlib',
])

/** Packages that name no licence, looked at by hand; for one version, so that the next one is looked at again. */
const EXAMINED = new Map([
  // A fork of jsonlint, which is under the MIT licence. Only a command of its parent loads it; no bundle holds it.
  ['@mapbox/jsonlint-lines-primitives@2.0.2', 'MIT'],
])

const allows = (node) => {
  if (node.conjunction === 'or') return allows(node.left) || allows(node.right)
  if (node.conjunction === 'and') return allows(node.left) && allows(node.right)
  return ALLOWED.has(node.license)
}

/** Why a package may not be used in production; undefined when it may. */
export function refusal({ name, version, license }) {
  const named = license ?? EXAMINED.get(`${name}@${version}`)
  if (named === undefined) return `${name}@${version} names no licence`
  try {
    return allows(parse(named)) ? undefined : `${name}@${version} is under ${named}`
  } catch {
    return `${name}@${version} is under "${named}", which is no licence of SPDX`
  }
}
