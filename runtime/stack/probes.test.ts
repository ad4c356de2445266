import { describe, expect, it } from '@jest/globals'
import { probesOf } from './probes.ts'

describe('the annotations of probes', () => {
  it('ask for none where they are not given', () => {
    expect(probesOf({ topic: 'readings', 'com.openfaas.retry.attempts': '3' })).toEqual({})
  })

  it('are read, with the defaults of Kubernetes for the rest', () => {
    const probes = probesOf({
      'com.openfaas.health.http.path': '/healthz?full=1',
      'com.openfaas.health.http.initialDelaySeconds': '30',
      'com.openfaas.ready.http.periodSeconds': '2',
      'com.openfaas.ready.http.timeoutSeconds': '5',
      'com.openfaas.ready.http.failureThreshold': '1',
      'com.openfaas.ready.http.successThreshold': '2',
    })
    expect(probes).toEqual({
      live: {
        ...{ path: '/healthz?full=1', initialDelayMs: 30_000, periodMs: 10_000, timeoutMs: 1000 },
        ...{ failureThreshold: 3, successThreshold: 1 },
      },
      ready: {
        ...{ path: '/_/ready', initialDelayMs: 0, periodMs: 2000, timeoutMs: 5000 },
        ...{ failureThreshold: 1, successThreshold: 2 },
      },
    })
  })

  it.each([
    ['com.openfaas.health.http.path', 'healthz', 'of "healthz": give a path that starts with "/"'],
    ['com.openfaas.health.http.path', '/a b', 'give a path that starts with "/", without spaces'],
    ['com.openfaas.ready.http.path', '/a\r\nX: y', 'without spaces'],
    [
      'com.openfaas.ready.http.periodSeconds',
      '0',
      '"com.openfaas.ready.http.periodSeconds" of "0": give a whole number from 1',
    ],
    ['com.openfaas.ready.http.timeoutSeconds', '5s', 'of "5s": give a whole number from 1 to 60'],
    [
      'com.openfaas.health.http.successThreshold',
      '2',
      'unknown annotation "com.openfaas.health.http.successThreshold"',
    ],
    [
      'com.openfaas.ready.http.port',
      '80',
      'unknown annotation "com.openfaas.ready.http.port"; known: com.openfaas.ready.http.path',
    ],
  ])('%s of %j is refused', (annotation, text, problem) => {
    expect(() => probesOf({ [annotation]: text })).toThrow(problem)
    expect(() => probesOf({ [annotation]: text })).toThrow(expect.objectContaining({ name: 'StackError' }))
  })
})
