import { describe, expect, it } from '@jest/globals'
import { requestEnvironment } from './request-environment.ts'

const of = (url: string, headers: Record<string, string | string[]> = {}) =>
  requestEnvironment({ method: 'POST', url, headers })

describe('requestEnvironment', () => {
  it('names headers as of-watchdog does', () => {
    expect(of('/', { 'content-type': 'text/plain', 'x-b3-traceid': '1', host: 'h', etag: '"e"' })).toEqual({
      Http_Method: 'POST',
      Http_Path: '/',
      Http_Content_Type: 'text/plain',
      Http_X_B3_Traceid: '1',
      Http_Host: 'h',
      Http_Etag: '"e"',
    })
  })

  it.each([
    ['/a%20b', { Http_Path: '/a b' }],
    ['/%c3%bc?q=%c3%bc', { Http_Path: '/ü', Http_Query: 'q=%c3%bc' }],
    ['/a?', { Http_Path: '/a' }],
    ['/a?b?c', { Http_Path: '/a', Http_Query: 'b?c' }],
    // Neither of these could be given to a program.
    ['/%00', { Http_Path: '/%00' }],
    ['/%ff', { Http_Path: '/%ff' }],
  ])('parts %s', (url, expected) => {
    expect(of(url)).toEqual({ Http_Method: 'POST', ...expected })
  })

  it('lets no header pass for something else', () => {
    const headers = { proxy: 'http://evil', method: 'DELETE', path: '/evil', query: 'evil' }
    expect(of('/', headers)).toEqual({ Http_Method: 'POST', Http_Path: '/' })
  })

  it('gives the bytes of a value as they came', () => {
    const latin1 = Buffer.from('Zürich').toString('latin1')
    expect(of('/', { 'x-city': latin1 }).Http_X_City).toBe('Zürich')
  })

  it('keeps the key of the connector from a program that is no part of Junction', () => {
    const key = { authorization: 'Bearer key' }
    expect(of('/', key).Http_Authorization).toBe('Bearer key')
    expect(of('/', { ...key, 'junction-deadline-ms': '1000' })).not.toHaveProperty('Http_Authorization')
  })
})
