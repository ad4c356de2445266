import { describe, expect, it } from '@jest/globals'
import { readDeployed } from './deployed.ts'

const annotations = { 'city.junction.topics': 'readings' }

describe('what is deployed', () => {
  it('is served but for one that has the name of the relay, on whichever bus', () => {
    const { specs, faults } = readDeployed(
      [
        { name: 'counter', annotations },
        { name: 'relay', annotations },
      ],
      10_000,
    )
    expect(specs.map(({ name }) => name)).toEqual(['counter'])
    expect([...faults]).toEqual([['relay', 'relay is the name of what forwards the log: rename the function']])
  })

  it('may have any name where it is not called for events', () => {
    expect(readDeployed([{ name: 'relay' }], 10_000)).toEqual({ specs: [], faults: new Map() })
  })
})
