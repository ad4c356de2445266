import { describe, expect, it } from '@jest/globals'
import { ownSecretsOf, withoutOwnSecrets } from './own-secrets.ts'

const holdsOwn = ownSecretsOf(['operator', '', 'password:1'])

describe('ownSecretsOf', () => {
  it.each([
    ['Bearer operator', true],
    ['bearer operator', true],
    [' Bearer operator ', true],
    // admin:operator, any:password:1
    ['Basic YWRtaW46b3BlcmF0b3I=', true],
    ['Basic YW55OnBhc3N3b3JkOjE=', true],
    ['Bearer of-the-caller', false],
    // admin: without a password
    ['Basic YWRtaW46', false],
    ['Bearer ', false],
    ['Digest operator', false],
  ])('takes %j for one: %s', (authorization, own) => {
    expect(holdsOwn(authorization)).toBe(own)
  })
})

describe('withoutOwnSecrets', () => {
  it('leaves out each Authorization that holds one, and nothing else', () => {
    const flat = ['A', 'Bearer operator', 'Authorization', 'Bearer operator', 'AUTHORIZATION', 'Bearer mine', 'B', '']
    expect(withoutOwnSecrets(flat, holdsOwn)).toEqual(['A', 'Bearer operator', 'AUTHORIZATION', 'Bearer mine', 'B', ''])
  })
})
