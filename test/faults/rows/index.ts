import type { Row } from '../row.ts'
import { t06 } from './t06.ts'
import { t07 } from './t07.ts'
import { t13 } from './t13.ts'
import { t14 } from './t14.ts'
import { t21 } from './t21.ts'
import { t22 } from './t22.ts'
import { t23 } from './t23.ts'
import { t31 } from './t31.ts'
import { t32 } from './t32.ts'
import { t33 } from './t33.ts'
import { t61 } from './t61.ts'

/** Every row there is code for. */
export const rows: Row[] = [t06, t07, t13, t14, t21, t22, t23, t31, t32, t33, t61]
