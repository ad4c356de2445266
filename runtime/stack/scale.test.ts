import { describe, expect, it } from '@jest/globals'
import { scaleOf } from './scale.ts'

const scale = (labels: Record<string, string>, platform?: NodeJS.Platform) =>
  scaleOf(
    Object.fromEntries(Object.entries(labels).map(([name, text]) => [`com.openfaas.scale.${name}`, text])),
    platform,
  )

describe('the labels of scaling', () => {
  it.each([
    [{}, { min: 0, max: 2 }],
    [{ min: '0' }, { min: 0, max: 2 }],
    [{ min: '3' }, { min: 3, max: 3 }],
    [
      { min: '1', zero: 'false' },
      { min: 1, max: 2 },
    ],
    [{ zero: 'false' }, { min: 1, max: 2 }],
    [{ zero: 'true' }, { min: 0, max: 2 }],
    [
      { zero: 'true', min: '1' },
      { min: 0, max: 2 },
    ],
    [
      { zero: 'true', min: '3', max: '10' },
      { min: 0, max: 10, awake: 3 },
    ],
    [
      { zero: 'true', 'zero-duration': '15m' },
      { min: 0, max: 2, idleMs: 900_000 },
    ],
    [{ 'zero-duration': '90s' }, { min: 0, max: 2, idleMs: 90_000 }],
    [{ factor: '0' }, { min: 0, max: 2, factor: 0 }],
  ] as const)('%j are %j', (labels, expected) => {
    expect(scale(labels)).toEqual(expected)
  })

  it.each([
    [{ target: '100' }, { type: 'rps', target: 100, proportion: 0.9, downWindowMs: 0 }],
    [{ type: 'capacity' }, { type: 'capacity', target: 50, proportion: 0.9, downWindowMs: 0 }],
    [
      { type: 'queue', target: '10', 'target-proportion': '1' },
      { type: 'queue', target: 10, proportion: 1, downWindowMs: 0 },
    ],
    [{ 'target-proportion': '0.75' }, { type: 'rps', target: 50, proportion: 0.75, downWindowMs: 0 }],
    [{ 'down.window': '5m' }, { type: 'rps', target: 50, proportion: 0.9, downWindowMs: 300_000 }],
    [
      { type: 'cpu', target: '500' },
      { type: 'cpu', target: 500, proportion: 0.9, downWindowMs: 0 },
    ],
  ] as const)('%j make the load rule %j', (labels, load) => {
    expect(scale(labels, 'linux')).toEqual({ min: 0, max: 2, load })
  })

  it.each([
    [{ min: '-1' }, '"com.openfaas.scale.min" of "-1": give a whole number from 0 to 100'],
    [{ max: '0' }, '"com.openfaas.scale.max" of "0": give a whole number from 1 to 100'],
    [{ max: '1e2' }, 'give a whole number from 1 to 100'],
    [{ max: '' }, '"com.openfaas.scale.max" of "": give a whole number from 1 to 100'],
    [{ min: '4', max: '3' }, '"com.openfaas.scale.min" of "4": it is more than "com.openfaas.scale.max", 3'],
    [{ zero: 'yes' }, '"com.openfaas.scale.zero" of "yes": give "true" or "false"'],
    [
      { zero: 'false', min: '0' },
      '"com.openfaas.scale.zero" of "false": it contradicts "com.openfaas.scale.min" of "0"',
    ],
    [{ 'zero-duration': '0' }, '"com.openfaas.scale.zero-duration" of "0": give a duration from 1s to 24h'],
    [{ 'zero-duration': '48h' }, 'give a duration from 1s to 24h'],
    [{ 'down.window': '6m' }, '"com.openfaas.scale.down.window" of "6m": give a duration from 0s to 5m'],
    [{ target: '0' }, '"com.openfaas.scale.target" of "0": give a number above 0'],
    [{ 'target-proportion': '90' }, '"com.openfaas.scale.target-proportion" of "90": give a number above 0, at most 1'],
    [{ factor: '101' }, '"com.openfaas.scale.factor" of "101": give a whole number from 0 to 100'],
    [{ type: 'memory' }, '"com.openfaas.scale.type" of "memory": give one of rps, capacity, cpu, queue'],
    [{ maximum: '3' }, 'unknown label "com.openfaas.scale.maximum"; known: com.openfaas.scale.min'],
  ] as const)('%j are refused: %s', (labels, problem) => {
    expect(() => scale(labels)).toThrow(problem)
    expect(() => scale(labels)).toThrow(expect.objectContaining({ name: 'StackError' }))
  })

  it('let the processor time rule where it can be read', () => {
    expect(() => scale({ type: 'cpu' }, 'darwin')).toThrow('known on Linux alone, not on darwin: give rps or capacity')
  })

  it('leave other labels alone', () => {
    expect(scaleOf({ 'com.openfaas.scaling': 'x', app: 'y' })).toEqual({ min: 0, max: 2 })
  })
})
