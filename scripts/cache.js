import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where what scripts download is kept, outside the project; JUNCTION_CACHE names another folder. */
export const cacheFolder = process.env.JUNCTION_CACHE ?? join(homedir(), '.cache/junction')
