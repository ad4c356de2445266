import { describe, expect, it } from '@jest/globals'
import { isForbiddenAddress, readCallback } from './callback-url.ts'

const trusted = { trusted: true, ownHost: 'gateway.example:8080', allowed: [] }
const anybody = { trusted: false, ownHost: 'gateway.example:8080', allowed: ['hooks.example', 'other.example:9000'] }

const statusOf = (text: string, rule: typeof anybody): number => {
  try {
    readCallback(text, rule)
    return 200
  } catch (error) {
    return (error as { status: number }).status
  }
}

describe('X-Callback-Url', () => {
  it.each([
    ['not a URL', 400],
    ['', 400],
    ['/function/f', 400],
    ['ftp://hooks.example/', 400],
    ['file:///etc/passwd', 400],
    ['javascript:alert(1)', 400],
    ['http://user:secret@hooks.example/', 400],
    ['http://user@hooks.example/', 400],
    [`http://hooks.example/${'x'.repeat(2048)}`, 400],
    ['http://169.254.169.254/latest/meta-data', 403],
    ['http://0xa9fea9fe/', 403],
    ['http://2852039166/', 403],
    ['http://[::ffff:169.254.169.254]/', 403],
    ['http://[fe80::1]/', 403],
    ['http://0.0.0.0:8080/', 403],
    ['http://[::]/', 403],
    ['http://224.0.0.1/', 403],
  ])('%s is nothing anybody may name: %d', (text, status) => {
    expect([statusOf(text, trusted), statusOf(text, anybody)]).toEqual([status, status])
  })

  it.each([
    'http://127.0.0.1:9000/done',
    'http://[::1]:9000/done',
    'http://10.1.2.3/done',
    'http://gateway.openfaas.svc.cluster.local:8080/function/f',
    'https://anywhere.example/done?of=1',
  ])('%s is for the trusted alone', (text) => {
    expect([statusOf(text, trusted), statusOf(text, anybody)]).toEqual([200, 403])
  })

  it.each([
    ['http://gateway.example:8080/function/f/path?q=1', 200],
    ['http://gateway.example:8080/async-function/f.openfaas-fn', 200],
    ['http://GATEWAY.example:8080/function/f', 200],
    ['http://gateway.example:8080/system/functions', 403],
    ['http://gateway.example:8080/function/../system/functions', 403],
    ['http://gateway.example:8081/function/f', 403],
    ['http://gateway.example.evil:8080/function/f', 403],
    ['https://hooks.example/a', 200],
    ['http://hooks.example:81/a', 200],
    ['http://other.example:9000/a', 200],
    ['http://other.example/a', 403],
    ['http://sub.hooks.example/a', 403],
  ])('%s, of somebody unknown: %d', (text, status) => expect(statusOf(text, anybody)).toBe(status))

  it('of a function of this gateway is a path: no name leads anywhere else', () => {
    for (const rule of [trusted, anybody]) {
      expect(readCallback('http://gateway.example:8080/function/f/a%20b?c=1#d', rule).url).toBe('/function/f/a%20b?c=1')
      const plain = { ...rule, ownHost: 'internal.example' }
      expect(readCallback('http://internal.example:80/async-function/f', plain).url).toBe('/async-function/f')
    }
    expect(statusOf('https://gateway.example:8080/function/f', anybody)).toBe(403)
  })

  it('is called without its fragment', () => {
    expect(readCallback('HTTPS://Anywhere.example/a?b#c', trusted).url).toBe('https://anywhere.example/a?b')
  })

  it('is not in the error', () => {
    expect(() => readCallback('http://user:secret@hooks.example/', trusted)).toThrow(/^(?!.*secret)/)
  })
})

describe('an address', () => {
  it.each([
    ['169.254.169.254', true],
    ['::ffff:169.254.1.1', true],
    ['fe80::2', true],
    ['fd00:ec2::254', true],
    ['127.0.0.1', false],
    ['::1', false],
    ['192.168.1.1', false],
    ['fd12::1', false],
    ['a-name.example', false],
  ])('%s is forbidden: %j', (address, forbidden) => expect(isForbiddenAddress(address)).toBe(forbidden))
})
