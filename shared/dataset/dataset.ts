import { type DatasetDescription, DatasetError, readDescription } from './description.ts'
import { type DatasetDevice, type DatasetLink, readDevices, readLinks } from './devices.ts'
import { valueSteps, wideColumns } from './values.ts'

export { DatasetError }

/** A reading as `ingest` takes it from a device. */
export interface RawReading {
  device: string
  observedAt: string
  location: { type: 'Point'; coordinates: [number, number] }
  measures: Record<string, number>
  units?: Record<string, string>
}

/** What all devices measured at one instant. */
export interface DatasetStep {
  at: Date
  readings: RawReading[]
}

/** A folder of measurements, opened: what it holds, and its readings in time order. */
export interface Dataset {
  about: DatasetDescription
  devices: DatasetDevice[]
  links: DatasetLink[]
  /** Reads the file anew at each call. */
  steps(): AsyncGenerator<DatasetStep>
  /** The same without what a reading says besides its value. */
  values(): AsyncGenerator<{ at: Date; values: { device: DatasetDevice; value: number }[] }>
  /** The first instant of the data. */
  start(): Promise<Date>
}

/** Opens a dataset folder; throws DatasetError, which names the file and the line, for what is wrong in it. */
export const openDataset = async (folder: string): Promise<Dataset> => {
  const about = await readDescription(folder)
  const { prefix } = about.devices
  const devices = await readDevices(folder, about.devices)
  const byId = new Map(devices.map((device) => [device.id, device]))
  const columnOrder =
    about.values.form === 'wide' ? (await wideColumns(folder, about.values)).map((id) => prefix + id) : undefined
  const order = about.links?.form === 'matrix' && about.links.order === 'columns' ? columnOrder : [...byId.keys()]
  if (order === undefined)
    throw new DatasetError(`${folder}: values in long form have no columns: give links.order "devices"`)
  const links = about.links === undefined ? [] : await readLinks(folder, about.links, order, prefix)

  const locate = (id: string): DatasetDevice => {
    const device = byId.get(prefix + id)
    if (device === undefined)
      throw new DatasetError(`${folder}: ${about.values.file} names device '${id}', which ${about.devices.file} lacks`)
    return device
  }
  const reading = (at: Date, { id, longitude, latitude }: DatasetDevice, value: number): RawReading => ({
    device: id,
    observedAt: at.toISOString(),
    location: { type: 'Point', coordinates: [longitude, latitude] },
    measures: { [about.measure]: value },
    ...(about.unit === undefined ? {} : { units: { [about.measure]: about.unit } }),
  })
  async function* valuesOf() {
    for await (const { at, values } of valueSteps(folder, about.values))
      yield { at, values: values.map(({ id, value }) => ({ device: locate(id), value })) }
  }
  return {
    about,
    devices,
    links,
    async *steps() {
      for await (const { at, values } of valuesOf())
        yield { at, readings: values.map(({ device, value }) => reading(at, device, value)) }
    },
    values: valuesOf,
    async start() {
      for await (const { at } of valueSteps(folder, about.values)) return at
      throw new DatasetError(`${folder}: ${about.values.file} has no rows`)
    },
  }
}
