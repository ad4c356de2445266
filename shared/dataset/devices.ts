import { cellNumber, columnsOf, csvFile } from './csv.ts'
import type { DatasetDescription } from './description.ts'

/** A device of a dataset: its id with the prefix, and where it stands (WGS84). */
export interface DatasetDevice {
  id: string
  longitude: number
  latitude: number
}

/** A road link between two devices; a greater weight is a nearer one. */
export interface DatasetLink {
  from: string
  to: string
  weight: number
}

/** Reads the devices file. */
export const readDevices = async (folder: string, about: DatasetDescription['devices']): Promise<DatasetDevice[]> => {
  const file = csvFile(folder, about.file)
  const devices = new Map<string, DatasetDevice>()
  let columns: Record<'id' | 'latitude' | 'longitude', number> | undefined
  let line = 0
  for await (const row of file.rows()) {
    line += 1
    if (columns === undefined) {
      columns = columnsOf(file, row, { id: about.id, latitude: about.latitude, longitude: about.longitude })
      continue
    }
    const id = `${about.prefix}${row[columns.id]}`
    const latitude = cellNumber(file, line, row[columns.latitude])
    const longitude = cellNumber(file, line, row[columns.longitude])
    if (latitude === undefined || longitude === undefined || Math.abs(latitude) > 90 || Math.abs(longitude) > 180)
      throw file.error(line, `device '${id}' needs a latitude in ±90 and a longitude in ±180`)
    if (devices.has(id)) throw file.error(line, `device '${id}' stands twice in the file`)
    devices.set(id, { id, longitude, latitude })
  }
  return [...devices.values()]
}

/** Reads the links file; `order` is the ids, with prefix, of a matrix's rows and columns. */
export const readLinks = async (
  folder: string,
  about: NonNullable<DatasetDescription['links']>,
  order: string[],
  prefix: string,
): Promise<DatasetLink[]> => {
  const file = csvFile(folder, about.file)
  const links: DatasetLink[] = []
  const known = new Set(order)
  const link = (line: number, from: string | undefined, to: string | undefined, weight: number) => {
    if (from === undefined || to === undefined || !known.has(from) || !known.has(to))
      throw file.error(line, `the link from '${from}' to '${to}' names no device of the dataset`)
    if (from !== to && weight > 0) links.push({ from, to, weight })
  }
  let line = 0
  let columns: Record<string, number> | undefined
  for await (const row of file.rows()) {
    line += 1
    if (about.form === 'matrix') {
      if (row.length !== order.length || line > order.length)
        throw file.error(line, `the matrix must be ${order.length} × ${order.length}, one row and column a device`)
      row.forEach((cell, to) => {
        link(line, order[line - 1], order[to], cellNumber(file, line, cell) ?? 0)
      })
    } else if (columns === undefined) {
      const { from, to, weight } = about
      columns = columnsOf<string>(file, row, { from, to, ...(weight === undefined ? {} : { weight }) })
    } else {
      const weight = columns.weight === undefined ? 1 : (cellNumber(file, line, row[columns.weight]) ?? 0)
      link(line, `${prefix}${row[columns.from ?? -1]}`, `${prefix}${row[columns.to ?? -1]}`, weight)
    }
  }
  return links
}
