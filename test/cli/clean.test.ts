import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { processInfo } from '#runtime/embedded/process-info.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'junction-clean-'))
  for (const script of ['clean.js', 'prepare.js', 'cache.js'])
    cpSync(`scripts/${script}`, join(root, 'scripts', script))
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  for (const file of ['dist/a.js', 'node_modules/x/index.js', 'cache/node-22/node', 'functions/f.ts']) put(file)
  for (const file of ['.junction/secrets/invoke-key', '.junction/logs/f.log']) put(file)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const put = (file: string, text = 'x'.repeat(1 << 20)) => {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), text)
}
const clean = (...args: string[]) => {
  const env = { ...process.env, JUNCTION_CACHE: join(root, 'cache') }
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts/clean.js'), ...args], { env })
  return { status, text: `${stdout}${stderr}` }
}
const left = () =>
  ['dist', 'cache', 'node_modules', '.junction', 'functions'].filter((name) => existsSync(join(root, name)))

describe('npm run clean', () => {
  it('lists what is built and cached with its size, and deletes just that', () => {
    const { status, text } = clean()
    expect(status).toBe(0)
    expect(text.split('\n').map((line) => line.trim().replace(root, ''))).toEqual([
      '1.0 MiB  /dist',
      '1.0 MiB  /cache/node-22',
      '2.0 MiB  in all',
      'deleted',
      '',
    ])
    expect(left()).toEqual(['cache', 'node_modules', '.junction', 'functions'])
    expect(readdirSync(join(root, 'cache'))).toEqual([])
  })

  it('deletes of the cache what scripts keep there, whatever else JUNCTION_CACHE holds', () => {
    for (const file of ['schemathesis-4.1.0/complete', 'node-notes/a', 'photos/a', 'my-node-22'])
      put(`cache/${file}`, 'x')
    expect(clean('--data', '--all').status).toBe(0)
    expect(readdirSync(join(root, 'cache')).sort()).toEqual(['my-node-22', 'node-notes', 'photos'])
  })

  it('deletes nothing with --dry-run', () => {
    const { text } = clean('--data', '--all', '--dry-run')
    for (const name of ['dist', 'cache', 'node_modules', '.junction']) expect(text).toContain(join(root, name))
    expect(text).toContain('5.0 MiB  in all')
    expect(left()).toHaveLength(5)
  })

  it('deletes data and packages when told to', () => {
    expect(clean('--data', '--all').status).toBe(0)
    expect(left()).toEqual(['cache', 'functions'])
  })

  it('refuses a data folder whose runtime lives, and deletes nothing at all', async () => {
    const command = (await processInfo(process.pid))?.command
    put('.junction/lock', JSON.stringify({ pid: process.pid, command }))
    expect(clean('--data')).toEqual({ status: 1, text: expect.stringContaining(`pid ${process.pid} works in`) })
    expect(left()).toHaveLength(5)
    put('.junction/lock', JSON.stringify({ pid: process.pid, command: 'another by now' }))
    expect(clean('--data').status).toBe(0)
  })

  it('refuses a folder that is none of Junction, and words it does not know', () => {
    const folder = join(root, 'functions')
    expect(clean('--data', '--folder', folder)).toMatchObject({
      status: 1,
      text: expect.stringContaining('no data folder'),
    })
    expect(clean('--everything')).toMatchObject({ status: 1, text: expect.stringContaining('--dry-run') })
    expect(left()).toHaveLength(5)
  })
})
