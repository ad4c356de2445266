import { describe, expect, it } from '@jest/globals'
import { readTarget } from './target.ts'

describe('the request target', () => {
  it.each([
    ['/function/city', 'city', '/'],
    ['/function/city?a=/../b', 'city', '/?a=/../b'],
    ['/function/city/', 'city', '/'],
    ['/function/city.openfaas-fn/api/x%20y?z=1', 'city', '/api/x%20y?z=1'],
    ['/function/city/.well-known/x', 'city', '/.well-known/x'],
  ])('%s reaches the function', (url, name, path) => {
    expect(readTarget(url)).toEqual({ kind: 'function', name, path })
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
    '/function/city.other',
    '/function/a.b.openfaas-fn',
    '/function/',
  ])('%s is no function name (H28)', (url) => {
    expect(readTarget(url)).toMatchObject({ kind: 'refused', status: 404 })
  })
})
