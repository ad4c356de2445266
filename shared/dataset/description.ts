import { readFile } from 'node:fs/promises'
import { isAbsolute, join, normalize, sep } from 'node:path'
import { z } from 'zod'
import { localClock, parseStep } from './local-time.ts'

const parses = (parse: (text: string) => unknown) => (text: string, context: z.RefinementCtx<string>) => {
  try {
    parse(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
  }
}

const FileName = z
  .string()
  .min(1)
  .refine((name) => !isAbsolute(name) && normalize(name).split(sep)[0] !== '..', 'must lie inside the dataset folder')
const Column = z.string().min(1)
const TimeZone = z.string().superRefine(parses(localClock))

/** One row an instant, one column a device; the instants follow from `start` and `step`, or stand in a column. */
const WideSteps = z.strictObject({
  file: FileName,
  form: z.literal('wide'),
  timeZone: TimeZone,
  start: z.string().superRefine(parses((text) => localClock('UTC').instant(text))),
  step: z.string().superRefine(parses(parseStep)),
})
const WideTimes = z.strictObject({ file: FileName, form: z.literal('wide'), timeZone: TimeZone, time: Column })
/** One row a value. */
const Long = z.strictObject({
  file: FileName,
  form: z.literal('long'),
  timeZone: TimeZone,
  time: Column,
  device: Column,
  value: Column,
})

/** `dataset.json`: what the CSV files beside it hold. */
export const DatasetDescription = z.strictObject({
  title: z.string().min(1),
  values: z.union([WideSteps, WideTimes, Long]),
  /** A quantity of the readings: `speed`, `count` … */
  measure: z.string().min(1),
  /** UN/CEFACT code of the values, where it is not the canonical unit of the measure. */
  unit: z.string().min(1).optional(),
  devices: z.strictObject({
    file: FileName,
    id: Column,
    latitude: Column,
    longitude: Column,
    /** Put before each id of the files. */
    prefix: z.string().default(''),
  }),
  /** How the devices are linked by roads: square weights without a header (0 = not linked), or a list of pairs. */
  links: z
    .discriminatedUnion('form', [
      z.strictObject({ file: FileName, form: z.literal('matrix'), order: z.enum(['columns', 'devices']) }),
      z.strictObject({ file: FileName, form: z.literal('list'), from: Column, to: Column, weight: Column.optional() }),
    ])
    .optional(),
  /** A road network (GeoJSON) of these devices; derived from the data unless given. */
  network: FileName.optional(),
  origin: z.string().optional(),
  license: z.string().optional(),
})
export type DatasetDescription = z.infer<typeof DatasetDescription>

/** What is wrong with a dataset: which file, where in it, what to do. */
export class DatasetError extends Error {
  override name = 'DatasetError'
}

/** Reads and checks the `dataset.json` of a folder. */
export const readDescription = async (folder: string): Promise<DatasetDescription> => {
  const path = join(folder, 'dataset.json')
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new DatasetError(`${path} cannot be read (${error.message}): a dataset is a folder with a dataset.json`)
  })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new DatasetError(`${path} is not JSON: ${(error as Error).message}`)
  }
  const result = DatasetDescription.safeParse(json)
  if (!result.success) throw new DatasetError(`${path}: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`)
  return result.data
}
