import { describe, expect, it } from '@jest/globals'
import type { StackFunction } from '../stack/types.ts'
import { checkDeployment } from './check-deployment.ts'

const f = (name: string, more: Partial<StackFunction> = {}): StackFunction => ({
  ...{ name, namespace: 'openfaas-fn', image: name, program: { kind: 'built', folder: `functions/${name}` } },
  ...{ environment: {}, secrets: [], labels: {}, annotations: {}, constraints: [], envProcess: undefined },
  ...{ limits: undefined, requests: undefined, readOnlyRootFilesystem: false, scale: { min: 0, max: 2 } },
  wiring: { topics: [], foreignTopic: undefined, schedule: undefined, batch: 1, lingerMs: 0, from: 'earliest' },
  ...more,
})
const wiring = (more: Partial<StackFunction['wiring']>) => ({ wiring: { ...f('f').wiring, ...more } })

// 20 for the runtime itself, 2 × 4 for one function, 8 for its replacement beside it.
const check = checkDeployment({ execTimeoutMs: 10_000, maxConnections: 36 })

describe('what a deployment has to fit into', () => {
  it('is the connections PostgreSQL was started with', () => {
    expect(() => check(f('a'), [])).not.toThrow()
    expect(() => check(f('b', { scale: { min: 0, max: 1 } }), [f('a')])).toThrow(
      'b needs 4 PostgreSQL connections, which are 4 more than are left: lower its com.openfaas.scale.max or its ' +
        'DATABASE_POOL, remove another function, or start the runtime again, with a higher DATABASE_RESERVE if need be',
    )
    expect(() => check(f('b', { environment: { DATABASE_POOL: '1' }, scale: { min: 0, max: 1 } }), [])).not.toThrow()
    expect(() => checkDeployment({ execTimeoutMs: 1, maxConnections: undefined })(f('b'), [f('a')])).not.toThrow()
  })

  it('and nothing for a program without connections', () => {
    const program = { kind: 'process', command: 'cat' } as const
    expect(() => check(f('b', { program }), [f('a'), f('c')])).not.toThrow()
  })

  it.each(['relay', 'runtime', 'postgres'])('refuses the name %s', (name) => {
    expect(() => check(f(name), [])).toThrow(`the name ${name} is taken by the runtime itself: choose another one`)
  })

  it('refuses retries nobody could go by', () => {
    expect(() => check(f('a', { annotations: { 'com.openfaas.retry.attempts': 'often' } }), [])).toThrow(
      'com.openfaas.retry.attempts: "often" must be a number from 0 to 1000',
    )
  })

  it('refuses a deadline of 0', () => {
    expect(() => check(f('a', { environment: { exec_timeout: '0' } }), [])).toThrow(
      'function a: exec_timeout is 0 ms; give a duration above 0, like 10s',
    )
  })

  it("refuses Junction's own wiring outside of the default namespace, where two would have one name", () => {
    const schedule = { cron: '@daily', timezone: 'UTC' }
    const namespace = 'dev'
    expect(() => check(f('a', { namespace, ...wiring({ topics: ['readings'] }) }), [])).toThrow(
      'deploy it in openfaas-fn',
    )
    expect(() => check(f('a', { namespace, ...wiring({ schedule }) }), [])).toThrow('deploy it in openfaas-fn')
    const foreign = { namespace, annotations: { topic: 'cron-function', schedule: '@daily' } }
    expect(() => check(f('a', { ...foreign, ...wiring({ schedule }) }), [])).not.toThrow()
    expect(() => check(f('a', { namespace, ...wiring({ foreignTopic: 't' }) }), [])).not.toThrow()
  })
})
