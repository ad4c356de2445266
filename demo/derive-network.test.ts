import { describe, expect, it } from '@jest/globals'
import { Network } from '#shared/contracts/network.ts'
import { deriveNetwork, quantile } from './derive-network.ts'

const device = (id: string, longitude = 16, latitude = 48) => ({ id, longitude, latitude })

/** A day in hours, UTC; `speedAt` gives the speed of a device at an hour. */
const day = (
  unit: string | undefined,
  speedAt: (id: string, hour: number) => number | undefined,
): Parameters<typeof deriveNetwork>[0] => ({
  about: {
    title: 't',
    values: { file: 'v', form: 'wide', timeZone: 'UTC', start: '2024-01-01T00:00:00', step: 'PT5M' },
    measure: 'speed',
    ...(unit === undefined ? {} : { unit }),
    devices: { file: 'd', id: 'id', latitude: 'lat', longitude: 'lon', prefix: '' },
  },
  devices: [device('a', -118.3, 34.1), device('b'), device('c')],
  links: [
    { from: 'b', to: 'a', weight: 0.5 },
    { from: 'a', to: 'c', weight: 0.1 },
  ],
  async *steps() {
    for (let n = 0; n < 288; n += 1) {
      const at = new Date(Date.UTC(2024, 0, 1, 0, n * 5))
      const readings = ['a', 'b', 'c'].flatMap((id) => {
        const speed = speedAt(id, at.getUTCHours())
        if (speed === undefined) return []
        const location = { type: 'Point' as const, coordinates: [16, 48] as [number, number] }
        return [{ device: id, observedAt: at.toISOString(), location, measures: { speed } }]
      })
      yield { at, readings }
    }
  },
})
const isNight = (hour: number) => hour >= 22 || hour < 5

describe('deriveNetwork', () => {
  it('makes a point segment of each device, neighbours both ways, free flow from the night in km/h', async () => {
    const network = await deriveNetwork(day('HM', (id, hour) => (id === 'c' ? undefined : isNight(hour) ? 60 : 90)))
    expect(Network.parse(network)).toEqual(network)
    expect(network.features.map((feature) => feature.properties)).toEqual([
      { segment: 'a', devices: ['a'], freeFlowKmh: 96.6, neighbours: ['b', 'c'] },
      { segment: 'b', devices: ['b'], freeFlowKmh: 96.6, neighbours: ['a'] },
      { segment: 'c', devices: ['c'], neighbours: ['a'] },
    ])
    expect(network.features[0]?.geometry).toEqual({ type: 'Point', coordinates: [-118.3, 34.1] })
  })

  it('falls back to all hours where nothing was measured at night', async () => {
    const network = await deriveNetwork(day(undefined, (_, hour) => (isNight(hour) ? undefined : 50)))
    expect(network.features[0]?.properties.freeFlowKmh).toBe(50)
  })
})

describe('quantile', () => {
  it('lies between the neighbours in rank', () => {
    expect(quantile([30, 10, 20], 0.5)).toBe(20)
    expect(quantile([10, 20], 0.9)).toBeCloseTo(19)
    expect(quantile([], 0.9)).toBeUndefined()
  })
})
