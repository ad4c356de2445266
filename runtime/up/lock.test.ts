import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { processInfo } from '../embedded/process-info.ts'
import { lockFolder } from './lock.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'))
})
afterEach(() => rm(folder, { recursive: true }))

const lockOf = (pid: number, command: string) => writeFile(join(folder, 'lock'), JSON.stringify({ pid, command }))

describe('lockFolder', () => {
  it('takes a free folder and gives it back', async () => {
    const release = await lockFolder(folder)
    expect(JSON.parse(await readFile(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid })
    await release()
    expect(await readdir(folder)).toEqual([])
  })

  it('refuses a folder whose runtime lives, and names its pid', async () => {
    const parent = await processInfo(process.ppid)
    await lockOf(process.ppid, parent?.command ?? '')
    await expect(lockFolder(folder)).rejects.toThrow(`in use by the runtime with pid ${process.ppid}`)
    expect(await readdir(folder)).toEqual(['lock'])
  })

  it('takes over from a process that is gone, that is another by now, or that left rubbish', async () => {
    for (const leave of [
      () => lockOf(2 ** 22 + 1, 'x'),
      () => lockOf(process.ppid, 'other'),
      () => writeFile(join(folder, 'lock'), '{'),
    ]) {
      await leave()
      const release = await lockFolder(folder)
      expect(await readdir(folder)).toEqual(['lock'])
      await release()
    }
  })
})
