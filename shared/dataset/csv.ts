import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { parse } from 'csv-parse'
import { DatasetError } from './description.ts'

/** The rows of one CSV file of a dataset, in the file's order, and how to say where something is wrong in it. */
export interface CsvFile {
  rows(): AsyncGenerator<string[]>
  /** An error that names the file and the line. */
  error(line: number, message: string): DatasetError
}

/**
 * Opens a CSV file: blank lines and a byte order mark are skipped, every row must be as long as the first. In a file of
 * one column a blank line is a row whose cell is empty, or what follows would move up.
 */
export const csvFile = (folder: string, name: string): CsvFile => {
  const path = join(folder, name)
  return {
    async *rows() {
      const parser = parse({ bom: true, trim: true, relax_column_count: true })
      // The parser ends with the stream's error, which the loop then throws.
      pipeline(createReadStream(path), parser, () => {})
      let columns: number | undefined
      let line = 0
      try {
        for await (const row of parser as AsyncIterable<string[]>) {
          line += 1
          if (row.length === 1 && row[0] === '' && columns !== 1) continue
          columns ??= row.length
          if (row.length !== columns) throw new Error(`line ${line} has ${row.length} cells, the first one ${columns}`)
          yield row
        }
      } catch (error) {
        throw new DatasetError(`${path}: ${(error as Error).message}`)
      }
    },
    error: (line, message) => new DatasetError(`${path}, line ${line}: ${message}`),
  }
}

/** The places of named columns in a header; throws where one is missing. */
export const columnsOf = <K extends string>(file: CsvFile, header: string[], names: Record<K, string>) => {
  const places = Object.entries<string>(names).map(([key, name]) => {
    const place = header.indexOf(name)
    if (place < 0)
      throw file.error(1, `there is no column '${name}'; the columns are ${header.slice(0, 20).join(', ')}`)
    return [key, place] as const
  })
  return Object.fromEntries(places) as Record<K, number>
}

/** The number in a cell; undefined for an empty cell and for NaN: a value that was not measured. */
export const cellNumber = (file: CsvFile, line: number, cell: string | undefined): number | undefined => {
  if (cell === undefined || cell === '' || cell.toLowerCase() === 'nan') return undefined
  const value = Number(cell)
  if (!Number.isFinite(value)) throw file.error(line, `'${cell.slice(0, 40)}' is not a number`)
  return value
}
