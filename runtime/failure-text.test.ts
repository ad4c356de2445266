import { mkdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from '@jest/globals'
import { failureText } from './failure-text.ts'
import { UserError } from './user-error.ts'

const thrownBy = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error('nothing was thrown'),
    (error) => error,
  )

describe('failureText', () => {
  it('is the message of an error written for users', () => {
    expect(failureText(new UserError('choose another --data'))).toBe('choose another --data')
  })

  it('names what the system refused and what to do', async () => {
    expect(failureText(await thrownBy(mkdir('package.json/x')))).toBe(
      `package.json/x: a part of that path is a file: choose another folder`,
    )
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    })
    expect(failureText(full)).toMatch(/^ENOSPC.*: the disk is full: free some/)
  })

  it('says what to do where PostgreSQL is overloaded', () => {
    const slow = Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' })
    expect(failureText(slow)).toMatch(/^PostgreSQL took too long, try again/)
  })

  it('keeps the stack of anything else', async () => {
    expect(failureText(new TypeError('x is undefined'))).toContain('failure-text.test.ts')
    expect(failureText(await thrownBy(readFile('/nonexistent')))).toContain('ENOENT')
  })
})
