import { describe, expect, it } from '@jest/globals'
import { readEnvironment, readSecret } from './config.ts'

const complete = { DATABASE_URL: 'postgres://junction@db/junction', AUTH_MODE: 'dev', HOST: '127.0.0.1' }

describe('the environment', () => {
  it('is complete with a database and an auth mode; durations become milliseconds', () => {
    expect(readEnvironment(complete)).toMatchObject({
      WINDOW: 300_000,
      LATE_AFTER: 900_000,
      exec_timeout: 10_000,
      PORT: '8080',
    })
  })

  it('does not start without an auth configuration, and says which variable it means', () => {
    const { AUTH_MODE: _, ...without } = complete
    expect(() => readEnvironment(without)).toThrow(/AUTH_MODE/)
  })

  it('accepts dev on loopback and Unix sockets only', () => {
    expect(() => readEnvironment({ ...complete, HOST: '0.0.0.0' })).toThrow(/HOST must be 127.0.0.1/)
    expect(readEnvironment({ ...complete, HOST: '0.0.0.0', PORT: '/tmp/f.sock' }).AUTH_MODE).toBe('dev')
    expect(readEnvironment({ ...complete, HOST: '0.0.0.0', AUTH_MODE: 'keys' }).AUTH_MODE).toBe('keys')
  })

  it('takes OpenFaaS’s own settings as OpenFaaS writes them, and its folder of secrets', () => {
    const { SECRETS_DIR, ...rest } = readEnvironment({ ...complete, exec_timeout: '90', max_inflight: '0' })
    expect(rest).toMatchObject({ exec_timeout: 90_000, max_inflight: 0 })
    expect(SECRETS_DIR).toBe('/var/openfaas/secrets')
    expect(readEnvironment({ ...complete, OPENFAAS_SECRETS_DIR: '/s' }).SECRETS_DIR).toBe('/s')
    expect(readEnvironment({ ...complete, OPENFAAS_SECRETS_DIR: '/s', SECRETS_DIR: '/own' }).SECRETS_DIR).toBe('/own')
  })

  it.each([
    ['exec_timeout', '0', /exec_timeout: it must be between 1ms and 24d/],
    ['exec_timeout', '30d', /exec_timeout/],
    ['WINDOW', '10', /WINDOW: not a duration/],
    ['WINDOW', '10s', /WINDOW: it must be between 1m and 1h/],
    ['WINDOW', '0', /WINDOW/],
    ['LATE_AFTER', '15 minutes', /LATE_AFTER: not a duration/],
    ['max_inflight', '-1', /max_inflight/],
    ['max_inflight', '', /max_inflight/],
    ['CITY_CLOCK', 'sundial', /CITY_CLOCK/],
    ['BUS_URL', 'amqp://h1', /BUS_URL: it must begin with postgres:/],
    ['BUS_URL', 'kafka://ann:s3cr3t@h1', /BUS_URL: a URL holds no user and no password/],
  ])('refuses %s=%s by name', (name, value, message) => {
    expect(() => readEnvironment({ ...complete, [name]: value })).toThrow(message)
  })
})

describe('a secret', () => {
  it('is undefined where there is no file of it', () => {
    expect(readSecret('/nowhere', 'connector-key')).toBeUndefined()
  })

  it('has a name that is no path', () => {
    expect(() => readSecret('/tmp', '../etc/passwd')).toThrow(/not the name of a secret/)
  })
})
