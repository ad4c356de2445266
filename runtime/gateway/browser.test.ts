import { describe, expect, it } from '@jest/globals'
import { isForeignChange, isLoopbackHost } from './browser.ts'

describe('a Host header', () => {
  it.each(['localhost', 'localhost:8080', 'city.localhost:1', 'LOCALHOST', '127.0.0.1', '127.1.2.3:80', '[::1]:8080'])(
    '%s names this machine',
    (host) => expect(isLoopbackHost(host)).toBe(true),
  )
  it.each([
    undefined,
    '',
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    'evil-localhost',
    '127.0.0.1.evil.example',
    '127.0.0.1@evil.example',
    '0.0.0.0:8080',
    '192.168.1.1',
    'localhost:8080 ',
    '[::2]',
  ])('%s does not', (host) => expect(isLoopbackHost(host)).toBe(false))
})

describe('a change', () => {
  const host = 'localhost:8080'
  it.each([
    ['by no browser', {}],
    ['by the page itself', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:8080' }],
    ['by the user', { 'sec-fetch-site': 'none' }],
    ['by an old browser for the page itself', { origin: 'http://localhost:8080' }],
    ['behind a TLS proxy', { origin: 'https://localhost:8080' }],
  ])('%s is let through', (_, headers) => expect(isForeignChange('POST', { host, ...headers })).toBe(false))

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port', { 'sec-fetch-site': 'same-site' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['an origin of another port', { origin: 'http://localhost:9090' }],
    ['a sandbox', { origin: 'null' }],
  ])('for %s is not', (_, headers) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'BREW', undefined])
      expect(isForeignChange(method, { host, ...headers })).toBe(true)
    for (const method of ['GET', 'HEAD', 'OPTIONS']) expect(isForeignChange(method, { host, ...headers })).toBe(false)
  })
})
