import { type Aim, type Figure, isMet, type Row, ratioOf } from './row.ts'

/** A row with what was measured. */
export interface Measured {
  row: Row
  figures: Figure[]
}

const number = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 })

const share = (ratio: number): string => (ratio < 10 ? `${(ratio * 100).toFixed(1)} %` : `${ratio.toFixed(1)} ×`)

function aimText({ of, atLeast, atMost }: Aim, unit: string): string {
  const bound = (value: number) => (of === 'ratio' ? share(value) : `${number(value)} ${unit}`)
  return [atLeast !== undefined && `≥ ${bound(atLeast)}`, atMost !== undefined && `≤ ${bound(atMost)}`]
    .filter(Boolean)
    .join(', ')
}

function verdict(figure: Figure): string {
  const { aim, stretch, unit } = figure
  const said = [
    aim && `aim ${aimText(aim, unit)}: ${isMet(figure, aim) ? 'met' : 'missed'}`,
    stretch && `stretch ${aimText(stretch, unit)}: ${isMet(figure, stretch) ? 'met' : 'missed'}`,
  ]
  return said.filter(Boolean).join('; ')
}

/** A measured row as lines of text: value, reference, ratio, aim. */
export function asText({ row, figures }: Measured): string {
  const lines = figures.map((figure) => {
    const { name, value, unit, reference } = figure
    const ratio = ratioOf(figure)
    const against = reference && `${reference.name} ${number(reference.value)}${ratio ? `, ratio ${share(ratio)}` : ''}`
    return `  ${name.padEnd(34)} ${`${number(value)} ${unit}`.padStart(22)}   ${(against ?? '').padEnd(52)} ${verdict(figure)}`
  })
  return [`${row.name}: ${row.what}`, ...lines.map((line) => line.trimEnd())].join('\n')
}

/** All rows as one JSON object. */
export function asJson(measured: Measured[]): string {
  const rows = measured.map(({ row, figures }) => [
    row.name,
    figures.map((figure) => {
      const { aim, stretch, ...rest } = figure
      const judged = (one: Aim | undefined) => one && { ...one, met: isMet(figure, one) }
      return { ...rest, ratio: ratioOf(figure), aim: judged(aim), stretch: judged(stretch) }
    }),
  ])
  return JSON.stringify({ node: process.version, rows: Object.fromEntries(rows) })
}
