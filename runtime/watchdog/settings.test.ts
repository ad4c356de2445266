import { describe, expect, it } from '@jest/globals'
import { commandOf, readSettings } from './settings.ts'

describe('readSettings', () => {
  it('has the defaults of of-watchdog, but for a call that takes all its time', () => {
    expect(readSettings({ fprocess: 'cat' })).toEqual({
      command: ['cat'],
      mode: 'streaming',
      upstream: undefined,
      execTimeoutMs: 30_000,
      readTimeoutMs: 30_000,
      writeTimeoutMs: 32_000,
      maxInflight: 0,
      contentType: 'application/octet-stream',
      readyPath: undefined,
      prefixLogs: true,
    })
  })

  it('takes everything by its name, durations in both forms', () => {
    const settings = readSettings({
      fprocess: 'not this',
      function_process: 'node server.js',
      mode: 'http',
      upstream_url: 'http://127.0.0.1:1',
      http_upstream_url: 'http://127.0.0.1:3000',
      exec_timeout: '1m30s',
      read_timeout: '5',
      write_timeout: '250ms',
      max_inflight: '7',
      content_type: 'text/html',
      ready_path: '/ready',
      prefix_logs: 'false',
    })
    expect(settings).toEqual({
      command: ['node', 'server.js'],
      mode: 'http',
      upstream: new URL('http://127.0.0.1:3000'),
      execTimeoutMs: 90_000,
      readTimeoutMs: 5_000,
      writeTimeoutMs: 250,
      maxInflight: 7,
      contentType: 'text/html',
      readyPath: '/ready',
      prefixLogs: false,
    })
  })

  it('gives an answer at least the time of its call, unless it is told otherwise', () => {
    const written = (settings: Record<string, string>) => readSettings({ fprocess: 'cat', ...settings }).writeTimeoutMs
    expect(written({ exec_timeout: '2m' })).toBe(122_000)
    expect(written({ exec_timeout: '5s' })).toBe(30_000)
    expect(written({ exec_timeout: '2m', write_timeout: '10s' })).toBe(10_000)
  })

  it('takes 0 for no limit', () => {
    expect(readSettings({ fprocess: 'cat', read_timeout: '0s', max_inflight: '0' })).toMatchObject({
      readTimeoutMs: 0,
      maxInflight: 0,
    })
  })

  it.each([
    ['mode', 'afterburn', 'must be one of streaming, serializing, http'],
    ['exec_timeout', 'soon', 'must be a duration'],
    ['exec_timeout', '0', 'must be more than 0'],
    ['write_timeout', '0s', 'must be more than 0'],
    ['max_inflight', '-1', 'must be a whole number'],
    ['prefix_logs', 'maybe', 'must be true or false'],
    ['ready_path', 'ready', 'must be a path'],
    ['upstream_url', 'localhost:3000', 'must begin with http://'],
    ['upstream_url', 'nothing', 'must be a URL'],
  ])('refuses %s=%s', (name, value, why) => {
    expect(() => readSettings({ fprocess: 'cat', [name]: value })).toThrow(`${name} is "${value}": it ${why}`)
  })

  it('refuses an authentication it would not do', () => {
    expect(() => readSettings({ fprocess: 'cat', jwt_auth: 'true' })).toThrow('jwt_auth is not supported')
    expect(readSettings({ fprocess: 'cat', jwt_auth: 'false' }).command).toEqual(['cat'])
  })
})

describe('commandOf', () => {
  it('parts at white space, and knows no quotes', () => {
    expect(commandOf(` sh -c  "echo $HOME"\t'x' `)).toEqual(['sh', '-c', '"echo', '$HOME"', "'x'"])
  })

  it('wants a program', () => {
    expect(() => commandOf('  ')).toThrow('fprocess is not set')
  })
})
