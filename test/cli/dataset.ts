import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const SENSORS = ['a', 'b', 'c', 'd']

/** The speed of a sensor, 0 to 3, in a row. */
export type Speed = (row: number, sensor: number) => number

/** Writes a dataset of four sensors in steps of ten minutes from a Monday on; its folder. */
export const writeDataset = async (
  folder: string,
  { days, speed, unit = 'KMH' }: { days: number; speed: Speed; unit?: string },
): Promise<string> => {
  await mkdir(folder)
  const rows = Array.from({ length: days * 144 }, (_, row) => SENSORS.map((_, i) => speed(row, i).toFixed(1)).join())
  await writeFile(join(folder, 'values.csv'), [SENSORS.join(), ...rows, ''].join('\n'))
  const devices = SENSORS.map((id, i) => `${id},48.2${i},16.3`)
  await writeFile(join(folder, 'devices.csv'), ['id,lat,lon', ...devices, ''].join('\n'))
  await writeFile(
    join(folder, 'dataset.json'),
    JSON.stringify({
      title: `${days} days of a test`,
      values: {
        ...{ file: 'values.csv', form: 'wide', timeZone: 'Europe/Vienna' },
        ...{ start: '2026-03-02T00:00:00', step: 'PT10M' },
      },
      ...{ measure: 'speed', unit },
      devices: { file: 'devices.csv', id: 'id', latitude: 'lat', longitude: 'lon' },
    }),
  )
  return folder
}

/** Jams of exactly an hour, which come as if by chance. */
export const jams: Speed = (row, sensor) => {
  const begins = (at: number) => ((at + 1) * (sensor + 3) * 7919) % 31 < 2
  const jammed = [0, 1, 2, 3, 4, 5].some((ago) => row >= ago && begins(row - ago))
  return (jammed ? 20 : 60) + ((row * 7 + sensor * 3) % 5) / 5
}
