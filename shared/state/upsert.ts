import type { Sql } from './sql.ts'

/** One column of an upsert, with the PostgreSQL type of its values. */
export interface Column {
  name: string
  /** Of an array (`int[]`) the values are lists of numbers or plain words, or null. */
  type: string
  /** SQL of the value a stored row gets, over `t` (stored) and `excluded`; the given value unless set. */
  set?: string
}

/** What to write: `rows` give the values in the order of `columns`, the first `keys` of which are the primary key. */
export interface Upsert {
  table: string
  columns: Column[]
  keys: number
  rows: unknown[][]
  /** Which of two rows of one key stays; the later one unless said otherwise. */
  wins?: (candidate: unknown[], kept: unknown[]) => boolean
  /** SQL condition for overwriting a stored row, over `t` (stored) and `excluded`. */
  when?: string
}

/**
 * Writes many rows in one statement, sorted by primary key so that concurrent units never wait in a circle, equal keys
 * first made one (a statement may not touch a row twice). Answers how many rows it wrote.
 */
export async function upsertMany(sql: Sql, upsert: Upsert): Promise<number> {
  const { table, columns, keys, when } = upsert
  const rows = sortedByKey(upsert)
  if (rows.length === 0) return 0
  const names = columns.map((column) => column.name)
  const sets = columns.slice(keys).map(({ name, set = `excluded.${name}` }) => `${name} = ${set}`)
  const { rowCount } = await sql.query(
    `insert into ${table} as t (${names.join(', ')})
     select ${columns.map((column, i) => (isList(column) ? `c${i}::${column.type}` : `c${i}`)).join(', ')}
     from unnest(${columns.map((column, i) => `$${i + 1}::${isList(column) ? 'text' : column.type}[]`).join(', ')})
       as given (${columns.map((_, i) => `c${i}`).join(', ')})
     on conflict (${names.slice(0, keys).join(', ')}) ${
       sets.length === 0 ? 'do nothing' : `do update set ${sets.join(', ')}${when ? ` where ${when}` : ''}`
     }`,
    columns.map((column, i) => rows.map((row) => (isList(column) ? literalOf(row[i] as unknown[] | null) : row[i]))),
  )
  return rowCount ?? 0
}

// unnest takes arrays of arrays apart, so each goes as the text of one.
const isList = ({ type }: Column): boolean => type.endsWith('[]')
const literalOf = (list: unknown[] | null): string | null => list && `{${list.map((one) => one ?? 'null').join(',')}}`

// The sort is stable, so of equal keys the one given later is the candidate.
function sortedByKey({ rows, keys, wins = () => true }: Upsert): unknown[][] {
  const kept: unknown[][] = []
  for (const row of rows.toSorted((a, b) => compareKeys(a, b, keys))) {
    const before = kept.at(-1)
    if (before === undefined || compareKeys(before, row, keys) !== 0) kept.push(row)
    else if (wins(row, before)) kept[kept.length - 1] = row
  }
  return kept
}

function compareKeys(a: unknown[], b: unknown[], keys: number): number {
  for (let i = 0; i < keys; i++) {
    const [x, y] = [a[i] as string, b[i] as string]
    if (x < y) return -1
    if (x > y) return 1
  }
  return 0
}
