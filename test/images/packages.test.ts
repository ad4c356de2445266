import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { filesOf } from './files.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'junction-packages-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (file: string, text = '') => {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
const install = (path: string, more: object = {}) =>
  put(
    `${path}/package.json`,
    JSON.stringify({ name: path.replace(/^.*node_modules\//, ''), version: '1.0.0', ...more }),
  )

/** Copies what is named with all it needs, as a build of an image does. */
const copy = (...names: string[]) => {
  const program = `import { copyPackages, namedPackages } from './scripts/bundle/packages.js'
    const [root, ...names] = process.argv.slice(1)
    await copyPackages(root, namedPackages(root, names), root + '/out')`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program, root, ...names])
  return { status, stderr: `${stderr}`, files: status === 0 ? filesOf(join(root, 'out/node_modules')) : [] }
}

const [here, elsewhere] = process.platform === 'linux' ? ['linux', 'darwin'] : [process.platform, 'linux']
const [own, other] = process.arch === 'x64' ? ['x64', 'arm64'] : [process.arch, 'x64']

describe('the packages beside a bundle', () => {
  it('are those named with all they depend on, each where it is installed', () => {
    install('node_modules/a', { dependencies: { b: '1', c: '1' }, optionalDependencies: { absent: '1' } })
    install('node_modules/b')
    install('node_modules/c', { dependencies: { b: '2' } })
    install('node_modules/c/node_modules/b')
    install('node_modules/unused')
    expect(copy('a').files).toEqual([
      'a/package.json',
      'b/package.json',
      'c/node_modules/b/package.json',
      'c/package.json',
    ])
  })

  it('hold the binaries of this platform alone', () => {
    install('node_modules/onnxruntime-node')
    for (const place of [`${here}/${own}`, `${here}/${other}`, `${elsewhere}/${own}`, `win32/${own}`])
      put(`node_modules/onnxruntime-node/bin/napi-v6/${place}/binding.node`)
    for (const place of [`${here}-${own}`, `${here}-${other}`, `${elsewhere}-${own}`])
      put(`node_modules/onnxruntime-node/prebuilds/${place}/x.node`)
    put('node_modules/onnxruntime-node/bin/tool.js')
    put('node_modules/onnxruntime-node/dist/darwin/index.js')
    expect(copy('onnxruntime-node').files).toEqual(
      [
        `bin/napi-v6/${here}/${own}/binding.node`,
        'bin/tool.js',
        'dist/darwin/index.js',
        'package.json',
        `prebuilds/${here}-${own}/x.node`,
      ].map((file) => `onnxruntime-node/${file}`),
    )
  })

  it('are files, not links to where they were built', () => {
    install('node_modules/a')
    put('elsewhere.js', 'x')
    symlinkSync(join(root, 'elsewhere.js'), join(root, 'node_modules/a/index.js'))
    expect(copy('a').files).toContain('a/index.js')
    rmSync(join(root, 'elsewhere.js'))
    expect(readFileSync(join(root, 'out/node_modules/a/index.js'), 'utf8')).toBe('x')
  })

  it('are not made up', () => {
    expect(copy('absent')).toMatchObject({ status: 1, stderr: expect.stringContaining('absent is not installed') })
    install('node_modules/a', { dependencies: { b: '1' } })
    expect(copy('a')).toMatchObject({ status: 1, stderr: expect.stringContaining('b, which ') })
  })
})
