import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readModelFolder } from '#models/traffic/folder.ts'
import type { ModelFiles } from '#models/traffic/sidecar.ts'
import { projectRoot } from '../project.ts'

const BUILT = 'dist/functions/predict-traffic/assets/model'

/** The model that ships, as it lies beside the built function; undefined where the function is not built here. */
export const readShipped = async (): Promise<ModelFiles | undefined> => {
  const folder = join(projectRoot(), BUILT)
  return existsSync(folder) ? readModelFolder(folder) : undefined
}
