import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { layContext } from './lay.ts'

let root = ''
let folder = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'junction-context-'))
  folder = join(root, 'build/f')
  put('template/node-ts/template.yml', 'language: node-ts\nhandler_folder: function\nfprocess: node index.js\n')
  put('template/node-ts/Dockerfile', 'FROM scratch\n')
  put('template/node-ts/.dockerignore', '**/node_modules\n')
  put('template/node-ts/function/handler.ts', 'of the template')
  put('functions/f/handler.ts', 'of f')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (file: string, text: string) => {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
const source = { name: 'f', lang: 'node-ts', handler: './functions/f' }
const lay = (copy: string[] = [], over: Partial<typeof source> = {}) =>
  layContext({ root, source: { ...source, ...over }, copy, folder })
const laid = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(join(folder, file)).isFile())
    .sort()

describe('a context', () => {
  it('is the template, the handler over its example, and what is copied beside that', async () => {
    put('shared/deep/a.ts', 'a')
    put('package.json', '{}')
    expect(await lay(['shared/deep', 'package.json'])).toEqual({ files: 6, bytes: 103 })
    expect(laid()).toEqual([
      '.dockerignore',
      'Dockerfile',
      'function/handler.ts',
      'function/package.json',
      'function/shared/deep/a.ts',
      'template.yml',
    ])
    expect(readFileSync(join(folder, 'function/handler.ts'), 'utf8')).toBe('of f')
  })

  it('has node_modules, .env and tests of the handler, whatever is ignored, but not build and template at its top', async () => {
    for (const file of [
      'node_modules/a.js',
      '.env',
      'f.test.ts',
      'build/a',
      'template/a',
      'deep/build/a',
      'deep/template/a',
    ])
      put(`functions/f/${file}`, '')
    put('.gitignore', 'node_modules\n.env\n')
    put('functions/f/.dockerignore', '*')
    await lay()
    expect(laid().filter((file) => file.startsWith('function/'))).toEqual([
      'function/.dockerignore',
      'function/.env',
      'function/deep/build/a',
      'function/deep/template/a',
      'function/f.test.ts',
      'function/handler.ts',
      'function/node_modules/a.js',
    ])
  })

  it('goes where the template says, else into function/', async () => {
    put('template/node-ts/template.yml', 'language: node-ts\nhandler_folder: src\n')
    await lay()
    expect(laid()).toContain('src/handler.ts')
    put('template/node-ts/template.yml', 'language: node-ts\n')
    await lay()
    expect(readFileSync(join(folder, 'function/handler.ts'), 'utf8')).toBe('of f')
  })

  it('is wiped before', async () => {
    await lay()
    put('build/f/function/old.ts', '')
    await lay()
    expect(laid()).not.toContain('function/old.ts')
  })

  it('keeps modes and times, its own folders closed', async () => {
    const handler = join(root, 'functions/f/handler.ts')
    chmodSync(handler, 0o640)
    utimesSync(handler, 1_000_000_000, 1_000_000_000)
    await lay()
    expect([folder, join(folder, 'function')].map((one) => statSync(one).mode & 0o777)).toEqual([0o700, 0o700])
    expect(statSync(join(folder, 'function/handler.ts'))).toMatchObject({ mode: 0o100640, mtimeMs: 1_000_000_000_000 })
  })

  it('follows links', async () => {
    put('elsewhere/x.ts', 'x')
    symlinkSync(join(root, 'elsewhere'), join(root, 'functions/f/link'))
    symlinkSync(join(root, 'elsewhere/x.ts'), join(root, 'functions/f/y.ts'))
    await lay()
    expect(laid()).toEqual(expect.arrayContaining(['function/link/x.ts', 'function/y.ts']))
    expect(readFileSync(join(folder, 'function/y.ts'), 'utf8')).toBe('x')
  })

  it('is not made of a link that leads nowhere', async () => {
    symlinkSync(join(root, 'nowhere'), join(root, 'functions/f/link'))
    await expect(lay()).rejects.toThrow('functions/f/link is a link that leads nowhere')
  })

  it.each([
    ['.', 'is the whole project'],
    ['shared/..', 'is the whole project'],
    ['..', 'is outside of the project'],
    ['../other', 'is outside of the project'],
    ['absent', 'is not there'],
    ['shar*', 'is not there'],
  ])('copies no %s', async (path, why) => {
    put('shared/a.ts', '')
    await expect(lay([path])).rejects.toThrow(`configuration.copy names ${path}, which ${why}`)
  })

  it('is never laid over a folder of anything else', async () => {
    put('build/f/precious.ts', 'mine')
    await expect(lay()).rejects.toThrow('is no context of a build')
    expect(readFileSync(join(folder, 'precious.ts'), 'utf8')).toBe('mine')
  })

  it.each([
    [{ lang: 'node-js' }, 'template/node-js/template.yml is not in'],
    [{ lang: 'Dockerfile' }, './functions/f itself is its context'],
    [{ handler: './functions/g' }, 'the handler ./functions/g of f is no folder'],
  ])('is refused for %j', async (over, why) => {
    await expect(lay([], over)).rejects.toThrow(why)
  })
})
