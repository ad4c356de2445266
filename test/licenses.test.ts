import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { functionNames } from './sources.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'junction-licenses-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (file: string, text: string) => {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
const lock = (packages: Record<string, object>) => put('package-lock.json', JSON.stringify({ packages }))
const node = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, args)
  return { status, text: `${stdout}${stderr}` }
}
const licenses = () => node('scripts/licenses.js', root)

describe('npm run licenses', () => {
  it.each(['MIT', 'Apache-2.0', '(MIT OR Apache-2.0)', '(GPL-3.0-only OR MIT)', 'MIT AND ISC'])(
    'takes %s',
    (license) => {
      lock({ 'node_modules/good': { version: '1.0.0', license } })
      expect(licenses().status).toBe(0)
    },
  )

  it.each([
    'AGPL-3.0-only',
    'AGPL-3.0-or-later',
    'GPL-2.0-only',
    'GPL-3.0-or-later WITH Classpath-exception-2.0',
    'LGPL-3.0-only',
    'BUSL-1.1',
    'SSPL-1.0',
    'Elastic-2.0',
    'MIT AND GPL-3.0-only',
    'UNLICENSED',
    'SEE LICENSE IN EULA.txt',
    undefined,
  ])('refuses %s, by the name of the package', (license) => {
    lock({
      'node_modules/good': { version: '1.0.0', license: 'MIT' },
      'node_modules/a/node_modules/bad': { version: '2.0.0', license },
    })
    const { status, text } = licenses()
    expect(status).toBe(1)
    expect(text).toContain('bad@2.0.0')
    expect(text).not.toContain('good@')
  })

  it('believes what is installed more than the lock file, and leaves out what only development needs', () => {
    lock({
      'node_modules/turned': { version: '3.0.0', license: 'MIT' },
      'node_modules/tool': { version: '1.0.0', license: 'GPL-3.0-only', dev: true },
    })
    put('node_modules/turned/package.json', '{"license":"BUSL-1.1"}')
    expect(licenses()).toEqual({ status: 1, text: expect.stringContaining('turned@3.0.0 is under BUSL-1.1') })
    put('node_modules/turned/package.json', '{"licenses":[{"type":"GPL-2.0-only"},{"type":"MIT"}]}')
    expect(licenses().status).toBe(0)
  })

  it('is content with the packages of this project', () => {
    expect(node('scripts/licenses.js')).toMatchObject({ status: 0 })
  })
})

describe('the notices of a bundle', () => {
  const notices = (...files: string[]) => {
    const program = `import { bundledPackages, noticesOf } from './scripts/bundle/notices.js'
      process.stdout.write(noticesOf(bundledPackages(process.argv[1], process.argv.slice(2))))`
    const inside = files.length > 0 ? files : ['node_modules/a/index.js', 'node_modules/a/b.js', 'own/x.ts']
    return node('--input-type=module', '-e', program, root, ...inside)
  }

  it('hold the licence and the notice of each package once', () => {
    put('node_modules/a/package.json', '{"name":"a","version":"1.0.0","license":"Apache-2.0"}')
    put('node_modules/a/LICENSE', 'the words of the licence')
    put('node_modules/a/NOTICE.md', 'the words of the notice')
    const { status, text } = notices()
    expect(status).toBe(0)
    expect(text.match(/^a 1\.0\.0 {2}\(Apache-2\.0\)$/gm)).toHaveLength(1)
    expect(text).toContain('the words of the licence')
    expect(text).toContain('the words of the notice')
  })

  it('take the part of the README where there is no file, and do without neither', () => {
    put('node_modules/a/package.json', '{"name":"a","version":"1.0.0","license":"MIT"}')
    put('node_modules/a/README.md', '# a\nit does a\n## License\nCopyright A')
    expect(notices().text).toContain('## License\nCopyright A')
    put('node_modules/a/README.md', '# a\nit does a')
    expect(notices()).toEqual({ status: 1, text: expect.stringContaining('a@1.0.0 is in a bundle and has no text') })
  })

  it('are refused to what may not be passed on', () => {
    put('node_modules/a/package.json', '{"name":"a","version":"1.0.0","license":"GPL-3.0-only"}')
    put('node_modules/a/LICENSE', 'x')
    expect(notices()).toEqual({ status: 1, text: expect.stringContaining('a@1.0.0 is under GPL-3.0-only') })
  })

  it.each(functionNames())('of %s name every package inside', (name) => {
    const text = readFileSync(`dist/functions/${name}/THIRD_PARTY_NOTICES.txt`, 'utf8')
    const { inputs } = JSON.parse(readFileSync(`dist/functions/${name}/meta.json`, 'utf8'))
    const inside = new Set(
      Object.keys(inputs).flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
    )
    expect(inside).toContain('zod')
    for (const one of inside) expect(text).toMatch(new RegExp(`^${one} \\d`, 'm'))
    expect(text).toContain('pg 8')
  })

  it('of what is published with its dependencies inside name those, too', () => {
    put(
      'node_modules/maplibre-gl/package.json',
      '{"name":"maplibre-gl","version":"5.0.0","license":"MIT","dependencies":{"earcut":"3"}}',
    )
    put('node_modules/maplibre-gl/LICENSE', 'x')
    put('node_modules/earcut/package.json', '{"name":"earcut","version":"3.0.0","license":"ISC"}')
    put('node_modules/earcut/LICENSE', 'x')
    expect(notices('node_modules/maplibre-gl/dist/maplibre-gl.mjs').text).toContain('earcut 3.0.0  (ISC)')
  })

  it('of the page name every package its sources import, and what React is made of', () => {
    const text = readFileSync('dist/functions/city/assets/assets/THIRD_PARTY_NOTICES.txt', 'utf8')
    const sources = readdirSync('dashboard', { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.tsx?$/.test(file) && !file.includes('.test.'),
    )
    const imports = /import (?!type )[^'(]*'((?:@[^/']+\/)?[a-z][^/']*)|import\('((?:@[^/']+\/)?[a-z][^/']*)/g
    const imported = sources.flatMap((file) =>
      [...readFileSync(join('dashboard', file), 'utf8').matchAll(imports)].map(([, name, lazy]) => name ?? lazy ?? ''),
    )
    expect(imported).toContain('react')
    for (const name of new Set([...imported, 'scheduler'])) expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'))
  })
})
