import { expect, it } from '@jest/globals'
import { linkState, STALE_MS } from './link.ts'

const heard = { connected: true, heardAt: 1000, failedAt: undefined }

it.each([
  ['live while connected and heard', heard, 1000 + STALE_MS, 'live'],
  ['stale after long silence, connected or not', heard, 1001 + STALE_MS, 'stale'],
  [
    'reconnecting without the stream, as long as the status can be read',
    { ...heard, connected: false },
    2000,
    'reconnecting',
  ],
  ['stale once the status cannot be read', { ...heard, connected: false, failedAt: 1500 }, 2000, 'stale'],
  ['live again when something is heard after a failure', { ...heard, failedAt: 999 }, 2000, 'live'],
] as const)('is %s', (_what, facts, now, state) => {
  expect(linkState(facts, now)).toBe(state)
})
