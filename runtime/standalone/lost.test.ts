import { describe, expect, it } from '@jest/globals'
import { isOfCall } from './lost.ts'

const failed = (code: string | undefined, name = 'Error') => ({ name, message: 'no answer', ...(code && { code }) })

describe('a call without an answer', () => {
  it.each([
    ...['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EPERM', 'EACCES', 'EINVAL', 'EAI_FAIL', 'EAI_AGAIN'],
    ...['ENETRESET', 'ENETDOWN', 'EHOSTUNREACH', 'ETIMEDOUT', 'ECONNREFUSED', 'CERT_HAS_EXPIRED', 'UND_ERR_CLOSED'],
    ...['UND_ERR_CONNECT_TIMEOUT', 'ERR_TLS_CERT_ALTNAME_INVALID', undefined],
  ])('is not counted for %s, before an answer or in it', (code) => {
    expect([isOfCall(failed(code), false), isOfCall(failed(code), true)]).toEqual([false, false])
  })

  it.each([
    ...['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_INVALID_ARG', 'UND_ERR_HEADERS_TIMEOUT'],
    ...['UND_ERR_BODY_TIMEOUT', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'],
  ])('is counted for %s, which the call or its answer causes', (code) => {
    expect(isOfCall(failed(code), false)).toBe(true)
  })

  it.each(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET'])(
    'is counted for %s where the answer had begun, else the gateway went away',
    (code) => {
      expect([isOfCall(failed(code), false), isOfCall(failed(code), true)]).toEqual([false, true])
    },
  )

  it.each(['HPE_INVALID_CONSTANT', undefined])('is counted where what came is no HTTP (%s)', (code) => {
    expect(isOfCall(failed(code, 'HTTPParserError'), false)).toBe(true)
  })
})
