import { expect, it } from '@jest/globals'
import type { Leases } from '#shared/bus/lease.ts'
import { realTime } from './time.ts'
import { hourly } from './upkeep.ts'

const MINUTE = 60_000

it('works once an hour, and a minute after a round that was not done', async () => {
  const leases: Leases = {
    async join(_pool, shares, onChange) {
      onChange(shares)
      return { leave: async () => {} }
    },
  }
  let minutes = 1
  const rounds: number[] = []
  const upkeep = hourly({
    leases,
    time: { ...realTime, now: () => minutes * MINUTE },
    work: async () => {
      rounds.push(minutes)
      return rounds.length !== 2
    },
  })
  for (; minutes < 130; minutes++) await upkeep.look()
  expect(rounds).toEqual([1, 61, 62, 122])
})
