import { execFileSync, spawnSync } from 'node:child_process'
import { lstatSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { filesOf, hashOf } from './files.ts'

const NAMES = ['ingest', 'city']
const COPIED = [
  'shared',
  'models',
  'dashboard',
  'scripts/bundle',
  'package.json',
  'package-lock.json',
  '.npmrc',
  'tsconfig.json',
]
/** By the rules of faas-cli, one after the other. */
const byHand = NAMES.map(
  (name) => `umask 077; mkdir -p build/${name}/function; umask 022
    cp -R template/node-ts/. build/${name}; cp -R functions/${name}/. build/${name}/function
    mkdir -p build/${name}/function/scripts
    for path in ${[...COPIED, 'LICENSE'].join(' ')}; do cp -R $path build/${name}/function/$(dirname $path); done
    chmod 700 build/${name} build/${name}/function`,
).join('\n')

const listOf = (place: string) =>
  filesOf(place).map((file) => [file, lstatSync(join(place, file)).mode.toString(8), hashOf(join(place, file))])

let folder = ''
const env = { ...process.env, CI: '' }
const run = (command: string, args: string[]) => execFileSync(command, args, { cwd: folder, env })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'junction-checkout-'))
  execFileSync(process.execPath, ['scripts/checkout.js', folder])
  run(process.execPath, [resolve('dist/runtime/cli.js'), 'context', ...NAMES, '--out', 'ours'])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hasFaasCli = spawnSync('faas-cli', ['version', '--short-version']).status === 0
describe.each([
  ['cp', () => run('sh', ['-euc', byHand])] as const,
  ...(hasFaasCli ? [['faas-cli', () => run('faas-cli', ['build', '--shrinkwrap', '-f', 'stack.yml'])] as const] : []),
])('the contexts of stack.yml, against %s', (_, lay) => {
  it('are the same files, in content and mode', () => {
    rmSync(join(folder, 'build'), { recursive: true, force: true })
    lay()
    for (const name of NAMES) {
      const [ours, theirs] = ['ours', 'build'].map((place) => listOf(join(folder, place, name)))
      expect(ours?.length).toBeGreaterThan(100)
      expect(ours).toEqual(theirs)
    }
  })
})
