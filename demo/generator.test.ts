import { describe, expect, it } from '@jest/globals'
import { Network } from '#shared/contracts/network.ts'
import type { DatasetStep } from './dataset.ts'
import { generatedNetwork, generatedSteps } from './generator.ts'

const take = async (count: number, from: string, seed = 1): Promise<DatasetStep[]> => {
  const steps: DatasetStep[] = []
  for await (const step of generatedSteps({ seed, periodMs: 60_000, from: new Date(from) })) {
    steps.push(step)
    if (steps.length === count) break
  }
  return steps
}
const meanSpeed = (steps: DatasetStep[]): number => {
  const speeds = steps.flatMap((step) => step.readings.map((reading) => reading.measures.speed ?? 0))
  return speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length
}

describe('the generated city', () => {
  it('has a road network that keeps the contract, its neighbours mutual', () => {
    const { features } = Network.parse(generatedNetwork())
    expect(features).toHaveLength(40)
    const neighbours = new Map(features.map(({ properties: p }) => [p.segment, p.neighbours ?? []]))
    for (const [segment, others] of neighbours)
      for (const other of others) expect(neighbours.get(other)).toContain(segment)
  })

  it('gives the same values for the same seed and instant, wherever it starts', async () => {
    const early = await take(3, '2024-05-06T06:00:30Z')
    const late = await take(1, '2024-05-06T06:02:30Z')
    expect(early.map((step) => step.at.toISOString())).toEqual([
      '2024-05-06T06:01:00.000Z',
      '2024-05-06T06:02:00.000Z',
      '2024-05-06T06:03:00.000Z',
    ])
    expect(late[0]).toEqual(early[2])
    expect((await take(1, '2024-05-06T06:02:30Z', 2))[0]).not.toEqual(late[0])
  })

  it('is slower in the rush hour than at night, in local time', async () => {
    const rush = meanSpeed(await take(30, '2024-05-06T05:45:00Z'))
    const night = meanSpeed(await take(30, '2024-05-06T00:45:00Z'))
    expect(rush).toBeLessThan(0.8 * night)
  })

  it('measures within what the quantities allow', async () => {
    const impossible = (await take(24 * 60, '2024-05-06T00:00:00Z'))
      .flatMap((step) => step.readings)
      .filter(({ measures: { speed = 0, count = -1, occupancy = -1 } }) => {
        return !(speed > 0 && speed < 140 && Number.isInteger(count) && occupancy >= 0 && occupancy <= 1 && count >= 0)
      })
    expect(impossible).toEqual([])
  })
})
