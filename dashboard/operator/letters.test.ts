import { describe, expect, it } from '@jest/globals'
import type { DeadLetterSummary } from '#shared/contracts/dead-letters.ts'
import { type Replayed, withReplayed } from './letters.ts'

const letter = (id: string, firstSeen: string): DeadLetterSummary => ({
  ...{ id, firstSeen, consumer: 'twins', topic: null, eventId: null, part: null, reason: 'decode', error: 'x' },
  ...{ attempts: 1, replays: 0, preview: '', bytes: 0 },
})
const old = letter('a', '2024-05-06T08:00:00.000Z')
const [middle, twin] = [letter('b', '2024-05-06T09:00:00.000Z'), letter('c', '2024-05-06T09:00:00.000Z')]
const replayed = (...letters: DeadLetterSummary[]) =>
  new Map(letters.map((letter): [string, Replayed] => [letter.id, { letter, outcome: 'resolved', detail: '' }]))

describe('withReplayed', () => {
  it('leaves a replayed letter in its place after it is open no longer', () => {
    expect(withReplayed([twin, old], replayed(middle)).map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  })

  it('shows one that is still open once, as it is now', () => {
    const counted = { ...old, replays: 1 }
    expect(withReplayed([counted], replayed(old))).toEqual([counted])
  })
})
