import { describe, expect, it } from '@jest/globals'
import { readTarget, targetKey } from './target.ts'

describe('the request target', () => {
  it.each([
    ['/function/city', 'city', '/'],
    ['/function/city?a=/../b', 'city', '/?a=/../b'],
    ['/function/city/', 'city', '/'],
    ['/function/city.openfaas-fn/api/x%20y?z=1', 'city', '/api/x%20y?z=1'],
    ['/function/city/.well-known/x', 'city', '/.well-known/x'],
    ['/function/city.other/x', 'city.other', '/x'],
  ])('%s reaches the function', (url, key, path) => {
    expect(readTarget(url)).toEqual({ kind: 'function', key, path })
  })

  it('leaves other paths to the platform', () => {
    expect(readTarget('/system/functions?namespace=a')).toEqual({
      kind: 'platform',
      path: '/system/functions',
      query: '?namespace=a',
    })
  })

  it.each([
    '/function/../system/functions',
    '/function/city/..',
    '/function/%2e%2e/system/functions',
    '/function/city/%2E./x',
    '/function/city%2fapi',
    '/function/city/a%5Cb',
    '/function/city\\api',
    '//function/city',
    '/function//city',
    '/./system/functions',
    '/function/city/%00',
    'http://other.example/function/city',
    '*',
    'other.example:443',
    '',
  ])('%s is refused, not normalised (H27)', (url) => {
    expect(readTarget(url)).toMatchObject({ kind: 'refused', status: 400 })
  })

  it.each([
    '/function/a;b',
    '/function/City',
    `/function/${'a'.repeat(64)}`,
    `/function/${'a'.repeat(300)}`,
    '/function/%D1%81ity',
    '/function/-city',
    '/function/city.',
    '/function/city.-other',
    '/function/a.b.openfaas-fn',
    '/function/',
  ])('%s is no function name (H28)', (url) => {
    expect(readTarget(url)).toMatchObject({ kind: 'refused', status: 404 })
  })
})

describe('the key of a function', () => {
  it.each([
    ['city', undefined, 'city'],
    ['city', '', 'city'],
    ['city', 'openfaas-fn', 'city'],
    ['city.openfaas-fn', undefined, 'city'],
    ['city.openfaas-fn', 'openfaas-fn', 'city'],
    ['city', 'dev', 'city.dev'],
    ['city.dev', undefined, 'city.dev'],
    ['city.dev', 'dev', 'city.dev'],
    ['city.dev', 'other', undefined],
    ['city', '../dev', undefined],
    ['City', undefined, undefined],
    ['', undefined, undefined],
  ])('%j in %j is %j', (wanted, beside, key) => {
    expect(targetKey(wanted, beside)).toBe(key)
  })
})
