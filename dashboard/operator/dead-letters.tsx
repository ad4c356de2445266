import { useState } from 'react'
import type { DeadLetterPage, DeadLetterSummary } from '#shared/contracts/dead-letters.ts'
import type { RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import type { Answer } from './client.ts'
import { DeadLetter } from './dead-letter.tsx'
import './dead-letters.css'
import { counted, plural } from '../traffic/words.ts'
import { type Replayed, withReplayed } from './letters.ts'
import { Section } from './section.tsx'
import type { Part } from './snapshot.ts'
import type { Operator } from './use-operator.ts'
import { reasonOf } from './words.ts'

interface DeadLettersProps {
  letters: Part<DeadLetterPage>
  status: Part<RuntimeStatus>
  operator: Operator
}

const STEP = 50
/** More than this the gateway gives nobody at once. */
const MOST = 200

/** The open dead letters, newest first, each with the way to bring it back. */
export function DeadLetters({ letters, status, operator }: DeadLettersProps) {
  const { filter, setFilter, client, refresh } = operator
  const [replayed, setReplayed] = useState<ReadonlyMap<string, Replayed>>(new Map())
  const { total = 0, byReason = {}, deadLetters = [] } = letters.value ?? {}
  const shown = withReplayed(deadLetters, replayed)
  const change = (to: { consumer?: string | undefined; reason?: string | undefined }) => {
    setReplayed(new Map())
    setFilter({ ...to, letters: STEP })
  }
  const replay = async (letter: DeadLetterSummary) => {
    const came = outcomeOf(await client.replay(letter.id))
    setReplayed((before) => new Map(before).set(letter.id, { letter, ...came }))
    refresh()
  }
  const consumers = status.value?.deadLetters.map(({ consumer }) => consumer) ?? []
  const filtered = filter.consumer !== undefined || filter.reason !== undefined
  return (
    <Section
      id="dead-letters"
      title="Dead letters"
      part={letters}
      aside={<p className={total > 0 ? 'warn' : 'quiet'}>{total > 0 ? `${counted(total)} open` : 'none open'}</p>}
    >
      {(filtered || total > 0) && (
        <div className="filters">
          <Choice
            label="Consumer"
            value={filter.consumer}
            options={consumers.map((name) => [name, name])}
            onChange={(consumer) => change({ consumer })}
          />
          <Choice
            label="Reason"
            value={filter.reason}
            options={Object.entries(byReason).map(([reason, n]) => [reason, `${reasonOf(reason)} (${counted(n)})`])}
            onChange={(reason) => change({ reason })}
          />
        </div>
      )}
      {shown.length === 0 ? (
        <p className="quiet">{filtered ? 'None that fits.' : 'No event had to be given up.'}</p>
      ) : (
        <ol className="letters">
          {shown.map((letter) => (
            <DeadLetter key={letter.id} letter={letter} came={replayed.get(letter.id)} onReplay={replay} />
          ))}
        </ol>
      )}
      {letters.value?.next && (
        <p className="act">
          {filter.letters < MOST && (
            <button type="button" onClick={() => setFilter({ letters: Math.min(MOST, filter.letters + STEP) })}>
              Show more
            </button>
          )}
          <span className="quiet">
            {plural(total - deadLetters.length, 'older one')}; <code>junction dlq replay</code> brings back many at
            once.
          </span>
        </p>
      )}
    </Section>
  )
}

const outcomeOf = (answer: Answer<{ outcome: string; detail: string }>) => {
  if (answer.kind === 'here') return answer.value
  return { outcome: 'undelivered', detail: answer.kind === 'absent' ? 'it is no longer there' : answer.why }
}

interface ChoiceProps {
  label: string
  value: string | undefined
  options: [value: string, text: string][]
  onChange(value: string | undefined): void
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  const gone = value !== undefined && !options.some(([option]) => option === value)
  return (
    <label>
      <span>{label}</span>
      <select value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">all</option>
        {gone && <option value={value}>{value}</option>}
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
