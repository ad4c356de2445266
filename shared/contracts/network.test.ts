import { describe, expect, it } from '@jest/globals'
import { Network } from './network.ts'

const feature = (segment: string, devices: string[]) => ({
  type: 'Feature',
  id: 7,
  geometry: { type: 'Point', coordinates: [-118.3, 34.1] },
  properties: { segment, devices, colour: 'red' },
})

describe('Network', () => {
  it('takes a FeatureCollection and drops what it does not know', () => {
    const network = Network.parse({ type: 'FeatureCollection', name: 'x', features: [feature('a', ['d1', 'd2'])] })
    expect(network.features[0]?.properties).toEqual({ segment: 'a', devices: ['d1', 'd2'] })
  })

  it('refuses a segment or a device named twice, and says where', () => {
    const result = Network.safeParse({
      type: 'FeatureCollection',
      features: [feature('a', ['d1']), feature('a', ['d1'])],
    })
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toEqual([
      'features.1.properties.segment',
      'features.1.properties.devices.0',
    ])
  })

  it('refuses a line of one point and a longitude beyond 180', () => {
    for (const geometry of [
      { type: 'LineString', coordinates: [[1, 2]] },
      { type: 'Point', coordinates: [181, 0] },
    ])
      expect(
        Network.safeParse({ type: 'FeatureCollection', features: [{ ...feature('a', []), geometry }] }).success,
      ).toBe(false)
  })
})
