import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { afterAll, describe, expect, it } from '@jest/globals'
import { readLine } from '#runtime/logs/line.ts'
import { openLogFile } from '#runtime/replicas/log-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'junction-log-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a log file', () => {
  it('keeps lines of several streams whole, and ends a last line that was cut off', async () => {
    const file = join(folder, 'lines', 'f.log')
    const log = openLogFile(file)
    const [a, b] = [new PassThrough(), new PassThrough()]
    log.copy(a, 11)
    log.copy(b, 22)
    a.write('one ')
    b.write('two\nthr')
    a.end('line\n')
    b.end('ee')
    await Promise.all([finished(a), finished(b)])
    await new Promise((next) => setImmediate(next))
    await log.flushed()
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1).map(readLine)
    expect(lines.map(({ pid, text }) => `${pid} ${text}`).sort()).toEqual(['11 one line', '22 three', '22 two'])
    for (const { at } of lines) expect(Math.abs(Date.now() - (at?.getTime() ?? 0))).toBeLessThan(60_000)
  })

  it('goes on in a file that is there, and rotates at its limit, keeping one older file', async () => {
    const file = join(folder, 'g.log')
    writeFileSync(file, 'first\n')
    const log = openLogFile(file, 20)
    for (const line of ['second', 'third 12345678', 'fourth', 'fifth 12345678']) {
      log.write(line)
      await log.flushed()
    }
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('fourth\n')
    expect(readFileSync(file, 'utf8')).toBe('fifth 12345678\n')
  })
  it('holds its limit under a flood, for each of many functions', async () => {
    const limit = 256 * 1024
    const files = Array.from({ length: 8 }, (_, i) => join(folder, 'flood', `f${i}.log`))
    await Promise.all(
      files.map(async (file) => {
        const log = openLogFile(file, limit)
        for (let n = 0; n < 1000; n++) {
          log.write(`${n} ${'x'.repeat(1000)}`)
          if (n % 100 === 0) await log.flushed()
        }
        await log.flushed()
      }),
    )
    for (const file of files) {
      expect(statSync(file).size).toBeLessThanOrEqual(limit)
      expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(limit)
      expect(readFileSync(file, 'utf8')).toMatch(/\n999 x+\n$/)
    }
    expect(readdirSync(join(folder, 'flood'))).toHaveLength(2 * files.length)
  })
})
