import type { Outcome } from './live-day.ts'
import type { Options } from './options.ts'

/** Prints what a day came to and says whether it is as promised; with a control it must not be. */
export function report(
  { verdict, landed, sent, seconds }: Outcome,
  options: Options,
  print: (line: string) => void,
): boolean {
  const { states, wrongStates, lost, dup, forged, redeliveries, deadLetters, wrongDeadLetters } = verdict
  print(
    `${sent.readings} readings accepted, ${sent.refused} malformed refused, ${sent.retries} retries, ${seconds.toFixed(0)} s`,
  )
  print(
    `kills: ${landed.functions} functions (${landed.afterEffect} between effect and answer), ${landed.runtimes} runtimes, ${landed.postgres} PostgreSQL`,
  )
  print(`states ${states}, wrong ${wrongStates.length}; dead letters ${deadLetters}, wrong ${wrongDeadLetters.length}`)
  print(`redeliveries ${redeliveries}, lost ${lost}, dup ${dup}, forged ${forged}`)
  if (options.control) {
    const caught = lost > 0 || dup > 0
    print(`control ${options.control}: ${caught ? 'caught' : 'NOT caught: this check sees nothing'}`)
    return caught
  }
  for (const fault of [...wrongStates.slice(0, 10), ...wrongDeadLetters.slice(0, 10)]) print(`  ${fault}`)
  const { functions, afterEffect, runtimes, postgres } = options.wanted
  const enough =
    landed.functions >= functions &&
    landed.afterEffect >= afterEffect &&
    landed.runtimes >= runtimes &&
    landed.postgres >= postgres &&
    redeliveries > 0
  if (!enough) print('too few kills landed, or none showed as a redelivery')
  return enough && lost + dup + forged + wrongStates.length + wrongDeadLetters.length === 0
}
