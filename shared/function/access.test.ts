import { describe, expect, it } from '@jest/globals'
import { sha256 } from '#shared/secret.ts'
import type { DeviceKey } from '#shared/state/device-key.ts'
import { accessCheck, roleOfPath } from './access.ts'
import { callerFinder } from './caller.ts'

const SECRET = 'a'.repeat(43)
const KEY: DeviceKey = { prefix: '0123456789', hash: sha256(SECRET), devices: ['loop-1'] }
const TOKEN = 'the operator token'
const bearer = (token: string) => `Bearer ${token}`
const deviceKey = bearer(`dk_0123456789_${SECRET}`)
const findKey = async (prefix: string) => (prefix === KEY.prefix ? KEY : undefined)

describe('a caller', () => {
  const find = callerFinder({ mode: 'keys', operatorToken: TOKEN.replaceAll(' ', '-') }, findKey)

  it('is told apart by its header', async () => {
    expect(await find(undefined)).toEqual({ role: 'anonymous' })
    expect(await find(bearer('the-operator-token'))).toEqual({ role: 'operator' })
    expect(await find(deviceKey)).toEqual({ role: 'device', key: '0123456789', devices: ['loop-1'] })
  })

  it.each([
    '',
    'Bearer ',
    'the-operator-token',
    bearer('the-operator-toke'),
    bearer('THE-OPERATOR-TOKEN'),
    bearer(`dk_0123456789_${'b'.repeat(43)}`),
    bearer(`dk_9999999999_${SECRET}`),
    bearer(`dk_0123456789_${SECRET}x`),
    bearer(`DK_0123456789_${SECRET}`),
    bearer('dk_0123456789_'),
    // What a caller makes of a JWT library gone wrong.
    bearer('eyJhbGciOiJub25lIn0.eyJyb2xlIjoib3BlcmF0b3IifQ.'),
    bearer('a'.repeat(16_000)),
  ])('is refused for %.40s', async (authorization) => {
    await expect(find(authorization)).rejects.toMatchObject({ status: 401, code: 'auth' })
  })

  it.each([`Basic ${Buffer.from('a:the-operator-token').toString('base64')}`, 'Digest username="a"', 'Negotiate YII='])(
    'is anonymous, as without the header, for %s',
    async (authorization) => expect(await find(authorization)).toEqual({ role: 'anonymous' }),
  )

  it('is nobody where there is no operator token, and not whoever sends none', async () => {
    for (const operatorToken of [undefined, '']) {
      const closed = callerFinder({ mode: 'keys', operatorToken }, findKey)
      for (const header of ['Bearer undefined', 'Bearer ', ''])
        await expect(closed(header)).rejects.toMatchObject({ status: 401 })
    }
  })

  it('is not called a stranger because the database is down', async () => {
    const down = Object.assign(new Error('down'), { name: 'DatabaseUnavailable' })
    const broken = callerFinder({ mode: 'keys', operatorToken: undefined }, () => Promise.reject(down))
    await expect(broken(deviceKey)).rejects.toBe(down)
  })

  it('is an operator in development', async () => {
    expect(await callerFinder({ mode: 'dev', operatorToken: undefined }, findKey)(undefined)).toEqual({
      role: 'operator',
    })
  })
})

describe('the least role of a path', () => {
  const role = roleOfPath({ '/': 'anonymous', '/a/*': 'anonymous', '/a/b/*': 'device', '/a/b/c': 'operator' })

  it.each([
    ['/', 'anonymous'],
    ['/a/x', 'anonymous'],
    ['/a/', 'anonymous'],
    ['/a/b/x', 'device'],
    ['/a/b/c', 'operator'],
    ['/a', 'operator'],
    ['/ab', 'operator'],
    ['//', 'operator'],
    ['', 'operator'],
    ['/__proto__', 'operator'],
    ['constructor', 'operator'],
  ])('%s: %s', (path, expected) => expect(role(path)).toBe(expected))
})

describe('access', () => {
  const find = callerFinder({ mode: 'keys', operatorToken: 'op' }, findKey)
  const access = { '/open': 'anonymous', '/send': 'device' } as const
  const status = async (path: string, authorization?: string) =>
    accessCheck(
      access,
      'keys',
      find,
    )?.(path, authorization).then(
      () => 200,
      (error: { status: number }) => error.status,
    )

  it('follows the table, and what is not in it is for operators', async () => {
    for (const [path, anonymous, device] of [
      ['/open', 200, 200],
      ['/send', 401, 200],
      ['/rest', 401, 403],
    ] as const) {
      expect(await status(path)).toBe(anonymous)
      expect(await status(path, deviceKey)).toBe(device)
      expect(await status(path, 'Bearer op')).toBe(200)
      expect(await status(path, 'Bearer wrong')).toBe(401)
    }
  })

  it('is for operators alone without a table', async () => {
    expect(
      await accessCheck(undefined, 'keys', find)?.('/', undefined).catch((e: { status: number }) => e.status),
    ).toBe(401)
  })

  it('is not looked at in development, and not where a function looks after its callers', () => {
    expect(accessCheck(access, 'dev', find)).toBeUndefined()
    expect(accessCheck('own', 'keys', find)).toBeUndefined()
  })
})
