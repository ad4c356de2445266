import { describe, expect, it } from '@jest/globals'
import type { DeadLetterPage } from '#shared/contracts/dead-letters.ts'
import type { RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import type { SensorHealthPage } from '#shared/contracts/sensor-health.ts'
import type { Answer, Filter, OperatorClient } from './client.ts'
import { afterLook, EMPTY, type Look, lookAround, withoutFault } from './snapshot.ts'

const status = { kind: 'here', value: { pid: 7 } as RuntimeStatus } as const
const letters = { kind: 'here', value: { total: 0 } as DeadLetterPage } as const
const sensors = { kind: 'here', value: { asOf: 'now' } as SensorHealthPage } as const
const well: Look = { status, letters, sensors }
const absent = { kind: 'absent' } as const
const locked = { kind: 'locked', why: 'no token', own: false } as const
const failed = { kind: 'failed', why: 'down' } as const

describe('afterLook', () => {
  it('shows what came, with its time', () => {
    const { status, locked } = afterLook(EMPTY, well, 5)
    expect(status).toEqual({ value: { pid: 7 }, at: 5, absent: false, fault: undefined })
    expect(locked).toBeUndefined()
  })

  it('keeps what was there where a part fails, with the reason', () => {
    const now = afterLook(afterLook(EMPTY, well, 5), { ...well, status: failed }, 9)
    expect(now.status).toEqual({ value: { pid: 7 }, at: 5, absent: false, fault: 'down' })
    expect(now.sensors.at).toBe(9)
    expect(afterLook(now, well, 11).status.fault).toBeUndefined()
  })

  it('wants a token, and shows nothing any longer, where one is asked for', () => {
    const all: Look = { status: locked, letters: locked, sensors: { kind: 'locked', why: 'not known', own: true } }
    expect(afterLook(afterLook(EMPTY, well, 5), all, 9)).toEqual({ ...EMPTY, locked: 'no token' })
    expect(afterLook(EMPTY, { ...all, sensors: absent }, 9).locked).toBe('no token')
    expect(afterLook(EMPTY, { ...well, sensors: all.sensors }, 9).locked).toBe('not known')
  })

  it('shows the sensors alone behind a foreign gateway, whether it knows nothing or wants its own password', () => {
    for (const answer of [absent, locked]) {
      const shown = afterLook(EMPTY, { status: answer, letters: answer, sensors }, 9)
      expect(shown).toMatchObject({ status: { absent: true }, letters: { absent: true }, locked: undefined })
      expect(shown.sensors.value).toBe(sensors.value)
    }
  })
})

describe("Junction's own gateway", () => {
  const own = { ...locked, own: true }
  const out = { kind: 'failed', why: 'Locked out for 42 s' } as const

  it('wants a token, also where the city lets in', () => {
    expect(afterLook(EMPTY, { status: own, letters: own, sensors }, 9)).toEqual({ ...EMPTY, locked: 'no token' })
  })

  it('that locks this address out is at fault and never absent, and nobody has to sign in again', () => {
    const { status, letters, locked } = afterLook(EMPTY, { status: out, letters: out, sensors }, 9)
    expect([status, letters]).toEqual(Array(2).fill({ value: undefined, at: 0, absent: false, fault: out.why }))
    expect(locked).toBeUndefined()
  })

  it('says why it lets nobody in, where the city wants another token, too', () => {
    expect(afterLook(EMPTY, { status: out, letters: out, sensors: own }, 9).locked).toBe(out.why)
  })
})

describe('withoutFault', () => {
  it('leaves out the fault that is told elsewhere, and no other', () => {
    const part = { value: 1, at: 5, absent: false, fault: 'down' }
    expect([withoutFault(part, 'down').fault, withoutFault(part, 'else').fault]).toEqual([undefined, 'down'])
  })
})

describe('lookAround', () => {
  const around = async (given: Answer<RuntimeStatus>) => {
    let asked = 0
    const client = {
      status: async () => given,
      deadLetters: async () => {
        asked++
        return letters
      },
      sensors: async () => sensors,
    } as unknown as OperatorClient
    return { look: await lookAround(client, {} as Filter, new AbortController().signal), asked }
  }

  it('asks no further at a gateway that does not know, or does not let in', async () => {
    expect(await around(status)).toEqual({ look: well, asked: 1 })
    expect(await around(absent)).toEqual({ look: { status: absent, letters: absent, sensors }, asked: 0 })
    expect(await around(locked)).toEqual({ look: { status: locked, letters: locked, sensors }, asked: 0 })
  })
})
