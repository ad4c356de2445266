import type { Row } from '../row.ts'
import { t06 } from './t06.ts'
import { t07 } from './t07.ts'
import { t13 } from './t13.ts'

/** Every row there is code for. */
export const rows: Row[] = [t06, t07, t13]
