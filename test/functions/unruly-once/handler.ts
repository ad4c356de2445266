import { unruly } from '../unruly.ts'

/** The same with an inbox marker for each event: for producers that repeat. */
export default { ...unruly, name: 'unruly-once', once: true }
