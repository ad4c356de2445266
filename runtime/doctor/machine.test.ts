import { describe, expect, it } from '@jest/globals'
import { size } from './finding.ts'
import {
  judgeClock,
  judgeDisk,
  judgeFiles,
  judgeMemory,
  judgeNode,
  judgeSharedMemory,
  judgeSystem,
  judgeUser,
} from './machine.ts'

const MiB = 2 ** 20

describe('the doctor', () => {
  it.each([
    ['18.20.8', 'fail'],
    ['20.9.0', 'fail'],
    ['20.18.3', 'fail'],
    ['20.19.0', 'ok'],
    ['20.20.2', 'ok'],
    ['22.1.0', 'ok'],
    ['24.21.0', 'ok'],
  ])('judges Node.js %s: %s', (version, level) => {
    expect(judgeNode(version, '>=20.19').level).toBe(level)
  })

  it.each([
    ['a system without Unix processes', judgeSystem('win32', 'x64'), 'fail', 'WSL2'],
    ['macOS', judgeSystem('darwin', 'arm64'), 'ok', undefined],
    ['300 MiB of memory', judgeMemory(300 * MiB), 'fail', '1 GiB'],
    ['700 MiB of memory', judgeMemory(700 * MiB), 'warn', '1 GiB'],
    ['2 GiB of memory', judgeMemory(2048 * MiB), 'ok', undefined],
    ['256 open files, as macOS has', judgeFiles(256), 'fail', 'ulimit -n'],
    ['1,024 open files', judgeFiles(1024), 'warn', 'ulimit -n'],
    ['no limit of open files', judgeFiles(Number.POSITIVE_INFINITY), 'ok', undefined],
    ['400 MiB of disk', judgeDisk(400 * MiB, '/d'), 'fail', '--data'],
    ['3 GiB of disk', judgeDisk(3072 * MiB, '/d'), 'warn', '--data'],
    ['10 GiB of disk', judgeDisk(10_240 * MiB, '/d'), 'ok', undefined],
    ['root', judgeUser(0), 'warn', 'ordinary user'],
    ['an ordinary user', judgeUser(1000), 'ok', undefined],
    ['4 MiB of shared memory', judgeSharedMemory(4 * MiB), 'warn', '--shm-size'],
    ['64 MiB of shared memory, as Docker gives', judgeSharedMemory(64 * MiB), 'ok', undefined],
    ['a system without /dev/shm', judgeSharedMemory(undefined), 'ok', undefined],
  ])('%s', (_name, finding, level, fix) => {
    expect(finding.level).toBe(level)
    if (fix === undefined) expect(finding).not.toHaveProperty('fix')
    else expect(finding.fix).toContain(fix)
  })

  it('holds the clock against what was written earlier, with a minute of grace', () => {
    const now = Date.parse('2026-03-01T08:00:00Z')
    const written = (at: string) => judgeClock(now, [{ what: 'the build', at: Date.parse(at) }])
    expect(written('2026-03-01T08:00:59Z').level).toBe('ok')
    expect(written('2026-03-01T08:02:00Z')).toMatchObject({
      level: 'fail',
      text: expect.stringContaining('before the build was written'),
    })
  })

  it.each([
    [3 * MiB, '3.0 MiB'],
    [700 * MiB, '700 MiB'],
    [1536 * MiB, '1.5 GiB'],
    [0, '0.0 MiB'],
  ])('says %d bytes as %s', (bytes, text) => {
    expect(size(bytes)).toBe(text)
  })
})
