import { useState } from 'react'
import type { DeadLetterSummary } from '#shared/contracts/dead-letters.ts'
import { span } from '../traffic/clock.ts'
import { plural } from '../traffic/words.ts'
import type { Replayed } from './letters.ts'
import { reasonOf, size } from './words.ts'

interface DeadLetterProps {
  letter: DeadLetterSummary
  came: Replayed | undefined
  onReplay(letter: DeadLetterSummary): Promise<void>
}

const SAID: Record<string, string> = {
  resolved: 'Brought back',
  failed: 'Failed again',
  refused: 'Not replayed',
  undelivered: 'Not delivered',
}

/** One dead letter: what failed, why, what it holds, and the way to bring it back. */
export function DeadLetter({ letter, came, onReplay }: DeadLetterProps) {
  const [busy, setBusy] = useState(false)
  const { id, consumer, eventId, part, reason, error, attempts, replays, firstSeen, preview, bytes } = letter
  const done = came?.outcome === 'resolved'
  const name = `${eventId ?? id}${part === null ? '' : ` ${part}`}`
  const replay = async () => {
    setBusy(true)
    await onReplay(letter)
    setBusy(false)
  }
  return (
    <li data-dead-letter={id} data-done={done || undefined}>
      <p className="event">{name}</p>
      <p className="facts">
        <b>{reasonOf(reason)}</b> · {consumer} ·{' '}
        <time dateTime={firstSeen} title={new Date(firstSeen).toLocaleString('en-GB')}>
          {span(Date.now() - Date.parse(firstSeen))} ago
        </time>{' '}
        · {plural(attempts, 'attempt')}
        {replays > 0 && ` · ${plural(replays, 'replay')}`}
      </p>
      {!done && (
        <div className="act">
          <button type="button" aria-disabled={busy} onClick={busy ? undefined : replay} aria-label={`Replay ${name}`}>
            {busy ? 'Replaying…' : 'Replay'}
          </button>
        </div>
      )}
      <p className="error">{error}</p>
      <p role="status" className={`came ${done ? 'good' : 'bad'}`}>
        {came && !busy && `${SAID[came.outcome] ?? came.outcome}: ${came.detail}`}
      </p>
      <details>
        <summary>What it holds ({size(bytes)})</summary>
        <pre>{preview}</pre>
      </details>
    </li>
  )
}
