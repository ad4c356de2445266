import { useState } from 'react'
import type { ConsumerStatus, RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import { span } from '../traffic/clock.ts'
import { counted } from '../traffic/words.ts'
import { Section, TableBox } from './section.tsx'
import type { Part } from './snapshot.ts'
import type { Operator } from './use-operator.ts'
import { took } from './words.ts'

/** Who reads the log, how far behind they are, and the topics they read. */
export function Consumers({ status, operator }: { status: Part<RuntimeStatus>; operator: Operator }) {
  const { bus, connector, topics = [] } = status.value ?? {}
  const consumers = connector?.consumers.filter(isConsumer) ?? []
  return (
    <Section id="consumers" title="Consumers and topics" part={status}>
      {connector && !connector.ready && (
        <p className="fault">{connector.error ?? 'The connector has not looked at the log yet.'}</p>
      )}
      <TableBox name="consumers">
        <thead>
          <tr>
            <th scope="col">Consumer</th>
            <th scope="col">State</th>
            <th scope="col">Lag</th>
            <th scope="col">Oldest</th>
            <th scope="col">In flight</th>
          </tr>
        </thead>
        <tbody>
          {consumers.map((one) => (
            <Row key={one.consumer} one={one} />
          ))}
        </tbody>
      </TableBox>
      {consumers
        .filter(({ state }) => state !== 'running')
        .map((one) => (
          <Pause key={one.consumer} one={one} operator={operator} />
        ))}
      {bus && <p className="quiet">Bus: {bus}</p>}
      <TableBox name="topics">
        <thead>
          <tr>
            <th scope="col">Topic</th>
            <th scope="col">Events</th>
            <th scope="col">Partitions</th>
            <th scope="col">Lag</th>
            <th scope="col">Oldest</th>
          </tr>
        </thead>
        <tbody>
          {topics.map(({ topic, events, partitions, lag, oldestAgeMs }) => (
            <tr key={topic}>
              <th scope="row">{topic}</th>
              <td>{counted(Number(events))}</td>
              <td>{partitions}</td>
              <td className={lag === 0 ? 'quiet' : undefined}>{counted(lag)}</td>
              <td className={lag === 0 ? 'quiet' : undefined}>{lag === 0 ? '–' : took(oldestAgeMs)}</td>
            </tr>
          ))}
        </tbody>
      </TableBox>
    </Section>
  )
}

/** A function that only HTTP clients call is none. */
const isConsumer = ({ partitions, due, state }: ConsumerStatus): boolean =>
  partitions.length > 0 || due.length > 0 || state !== 'running'

const SAID: Record<ConsumerStatus['state'], string> = { running: 'running', breaker: 'paused', stop: 'stopped' }

function Row({ one }: { one: ConsumerStatus }) {
  const { consumer, state, forMs, lag, oldestAgeMs, inFlight } = one
  return (
    <tr data-state={state}>
      <th scope="row">{consumer}</th>
      <td className={state === 'stop' ? 'bad' : state === 'breaker' ? 'warn' : undefined}>
        {SAID[state]}
        {forMs !== undefined && ` for ${span(forMs)}`}
      </td>
      <td className={lag === 0 ? 'quiet' : undefined}>{counted(lag)}</td>
      <td className={lag === 0 ? 'quiet' : undefined}>{lag === 0 ? '–' : took(oldestAgeMs)}</td>
      <td className={inFlight === 0 ? 'quiet' : undefined}>{counted(inFlight)}</td>
    </tr>
  )
}

function Pause({ one, operator }: { one: ConsumerStatus; operator: Operator }) {
  const { consumer, state, code, error } = one
  return (
    <div className="pause" data-state={state}>
      <p>
        <b>{consumer}</b> is {SAID[state]}: {error ?? code}
      </p>
      {state === 'stop' ? (
        <Resume consumer={consumer} operator={operator} />
      ) : (
        <p className="quiet">It is tried again every 5 s.</p>
      )}
    </div>
  )
}

function Resume({ consumer, operator }: { consumer: string; operator: Operator }) {
  const [said, setSaid] = useState('')
  const resume = async () => {
    setSaid('Trying…')
    const answer = await operator.client.resume(consumer)
    setSaid(answer.kind === 'here' ? 'Tried again.' : answer.kind === 'absent' ? 'No such consumer.' : answer.why)
    operator.refresh()
  }
  return (
    <p className="act">
      <button type="button" onClick={resume} aria-label={`Resume ${consumer}`}>
        Resume
      </button>
      <span className="quiet" role="status">
        {said || 'Mend it first; it is tried again every 30 s, too.'}
      </span>
    </p>
  )
}
