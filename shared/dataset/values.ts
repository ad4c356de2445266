import { type CsvFile, cellNumber, columnsOf, csvFile } from './csv.ts'
import type { DatasetDescription } from './description.ts'
import { localClock, parseStep, rowInstant } from './local-time.ts'

/** What was measured at one instant; ids as in the file, values not measured are left out. */
export interface ValueStep {
  at: Date
  values: { id: string; value: number }[]
}

type Values = DatasetDescription['values']

const inOrder = (file: CsvFile, line: number, at: Date, last: Date | undefined): Date => {
  if (last !== undefined && at < last)
    throw file.error(line, `${at.toISOString()} comes after ${last.toISOString()}: sort the rows by time`)
  return at
}

async function* wideSteps(file: CsvFile, about: Extract<Values, { form: 'wide' }>): AsyncGenerator<ValueStep> {
  const clock = localClock(about.timeZone)
  const timeColumn = 'time' in about ? about.time : undefined
  const instantOf = (row: string[], n: number, timeAt: number, last: Date | undefined): Date =>
    'time' in about ? clock.instant(row[timeAt] ?? '', last) : rowInstant(clock, about.start, parseStep(about.step), n)
  let header: string[] | undefined
  let timeAt = -1
  let last: Date | undefined
  let line = 0
  for await (const row of file.rows()) {
    line += 1
    if (header === undefined) {
      header = row
      if (timeColumn !== undefined) timeAt = columnsOf(file, row, { time: timeColumn }).time
      continue
    }
    last = inOrder(file, line, instantOf(row, line - 2, timeAt, last), last)
    const values: ValueStep['values'] = []
    for (const [column, id] of header.entries()) {
      const value = column === timeAt ? undefined : cellNumber(file, line, row[column])
      if (value !== undefined) values.push({ id, value })
    }
    yield { at: last, values }
  }
}

async function* longSteps(file: CsvFile, about: Extract<Values, { form: 'long' }>): AsyncGenerator<ValueStep> {
  const clock = localClock(about.timeZone)
  let columns: Record<'time' | 'device' | 'value', number> | undefined
  let step: ValueStep | undefined
  let line = 0
  for await (const row of file.rows()) {
    line += 1
    if (columns === undefined) {
      columns = columnsOf(file, row, { time: about.time, device: about.device, value: about.value })
      continue
    }
    const at = inOrder(file, line, clock.instant(row[columns.time] ?? '', step?.at), step?.at)
    if (step === undefined || at > step.at) {
      if (step !== undefined) yield step
      step = { at, values: [] }
    }
    const value = cellNumber(file, line, row[columns.value])
    if (value !== undefined) step.values.push({ id: row[columns.device] ?? '', value })
  }
  if (step !== undefined) yield step
}

/** Streams the values file in time order, one step an instant; throws DatasetError where the file is out of order. */
export const valueSteps = (folder: string, about: Values): AsyncGenerator<ValueStep> => {
  const file = csvFile(folder, about.file)
  return about.form === 'wide' ? wideSteps(file, about) : longSteps(file, about)
}

/** The device columns of a wide values file, in the file's order. */
export const wideColumns = async (folder: string, about: Extract<Values, { form: 'wide' }>): Promise<string[]> => {
  for await (const header of csvFile(folder, about.file).rows())
    return header.filter((name) => !('time' in about) || name !== about.time)
  return []
}
