import type { FunctionStatus, RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import { counted, plural } from '../traffic/words.ts'
import { Section, TableBox } from './section.tsx'
import type { Part } from './snapshot.ts'
import { took } from './words.ts'

/** The functions with their replicas, starts and crashes. */
export function Functions({ status }: { status: Part<RuntimeStatus> }) {
  return (
    <Section id="functions" title="Functions" part={status}>
      <TableBox name="functions">
        <thead>
          <tr>
            <th scope="col">Function</th>
            <th scope="col">State</th>
            <th scope="col">Replicas</th>
            <th scope="col">In flight</th>
            <th scope="col">Waiting</th>
            <th scope="col">Calls</th>
            <th scope="col">Errors</th>
            <th scope="col">Cold starts</th>
            <th scope="col">Last start</th>
            <th scope="col">Crashes</th>
          </tr>
        </thead>
        <tbody>
          {status.value?.functions.map((one) => (
            <Row key={one.name} one={one} />
          ))}
        </tbody>
      </TableBox>
    </Section>
  )
}

function Row({ one }: { one: FunctionStatus }) {
  const { name, state, lastColdStartMs, crashesInRow } = one
  const crashing = crashesInRow > 0
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className={crashing ? 'warn' : state === 'cold' ? 'quiet' : undefined}>
        {crashing ? `${plural(crashesInRow, 'crash', 'crashes')} in a row` : state}
      </td>
      <Figure value={one.replicas} />
      <Figure value={one.inFlight} />
      <Figure value={one.waiting} />
      <Figure value={one.calls} />
      <Figure value={one.errors} />
      <Figure value={one.coldStarts} />
      <td>{lastColdStartMs === null ? '–' : took(lastColdStartMs)}</td>
      <Figure value={one.crashes} />
    </tr>
  )
}

function Figure({ value }: { value: number }) {
  return <td className={value === 0 ? 'quiet' : undefined}>{counted(value)}</td>
}
