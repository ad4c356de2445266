import { version } from '../version.ts'

/** One of two builds of the same function. */
export default version('a')
