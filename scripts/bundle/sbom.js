import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { readPackage } from './packages.js'

/**
 * The CycloneDX list of what an image holds beside its base: npm's own, less what is not in it, and Node.js itself. Without
 * a serial number and a date, so that the same commit has the same list.
 */
export async function sbomOf(root, folders) {
  // What is in a bundle may be a development dependency, which npm leaves out once a build has set NODE_ENV.
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--include=dev']
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root, maxBuffer: 64 << 20 })
  const { serialNumber: _serial, metadata, components, dependencies, ...rest } = JSON.parse(stdout)
  const { timestamp: _time, ...described } = metadata
  const inside = new Set(
    [...folders].map((folder) => {
      const { name, version } = readPackage(folder)
      return `${name}@${version}`
    }),
  )
  const kept = components.filter(({ name, version }) => inside.has(`${name}@${version}`))
  const listed = new Set(kept.map(({ name, version }) => `${name}@${version}`))
  const unlisted = [...inside].filter((one) => !listed.has(one))
  if (unlisted.length > 0) throw new Error(`npm sbom does not tell of ${unlisted.join(', ')}`)
  const refs = new Set([metadata.component['bom-ref'], ...kept.map((one) => one['bom-ref'])])
  return {
    ...rest,
    metadata: described,
    components: [nodeItself(), ...kept],
    dependencies: dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) })),
  }
}

function nodeItself() {
  const version = process.versions.node
  const purl = `pkg:generic/node@${version}`
  return { 'bom-ref': purl, type: 'application', name: 'node', version, purl, licenses: [{ license: { id: 'MIT' } }] }
}
