import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { cacheFolder } from './cache.js'
import { copyCheckout } from './checkout.js'
import { install, root } from './prepare.js'

// Runs the tests on other versions of Node.js than this one, in a copy of the sources with a build of its own, so that
// the checkout stays as it is. The packages are shared: none of them is compiled for one version.

const MAJORS = [22, 24]
const PARTS = { unit: ['functions/', 'shared/', 'runtime/', 'demo/', 'dashboard/'] }

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const parts = values.only?.split(',') ?? []
const patterns = parts.flatMap((part) => PARTS[part] ?? [`test/${part}/`])
const unknown = parts.find((part) => !PARTS[part] && !existsSync(join(root, 'test', part)))
if (unknown !== undefined) {
  console.error(`--only ${unknown}: there is unit, and each folder of test/ that has tests`)
  process.exit(1)
}

/** The Node.js of a major version: JUNCTION_NODE_22 and the like name one, otherwise npm's package `node` has it. */
function nodeOf(major) {
  const own = process.env[`JUNCTION_NODE_${major}`]
  if (own !== undefined) return own
  const folder = join(cacheFolder, `node-${major}`)
  const node = join(folder, 'node_modules/node/bin/node')
  if (versionOf(node)?.startsWith(`v${major}.`)) return node
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true,"allowScripts":{"node":true}}')
  const args = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', `node@${major}`]
  const { status } = spawnSync('npm', args, { stdio: 'inherit', cwd: folder })
  if (status === 0) return node
  console.error(`Node.js ${major} cannot be had from the npm registry: give the path of one by JUNCTION_NODE_${major}`)
  process.exit(1)
}

function versionOf(node) {
  const { status, stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

function copySources() {
  const folder = mkdtempSync(join(tmpdir(), 'junction-nodes-'))
  // As root PostgreSQL runs under a user of its own, who must be able to walk through.
  chmodSync(folder, 0o755)
  copyCheckout(folder)
  return folder
}

function runOn(node, folder) {
  rmSync(join(folder, 'dist'), { recursive: true, force: true })
  const { status } = spawnSync(node, ['scripts/test.js', ...patterns], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` },
  })
  return status === 0
}

install()
const sources = copySources()
const results = MAJORS.map((major) => {
  const node = nodeOf(major)
  const version = versionOf(node) ?? `${major} (${node} does not run)`
  console.log(`== Node.js ${version}: ${values.only ?? 'the whole suite'}`)
  const began = performance.now()
  const passed = runOn(node, sources)
  return { passed, line: `${passed ? 'ok    ' : 'FAILED'} Node.js ${version} (${seconds(began)} s)` }
})
rmSync(sources, { recursive: true, force: true })
for (const { line } of results) console.log(line)
process.exit(results.every(({ passed }) => passed) ? 0 : 1)

function seconds(began) {
  return Math.round((performance.now() - began) / 1000)
}
