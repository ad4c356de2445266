import type { Row } from '../row.ts'
import { a01 } from './a01.ts'
import { a02 } from './a02.ts'
import { t01 } from './t01.ts'
import { t02 } from './t02.ts'
import { t03 } from './t03.ts'
import { t04 } from './t04.ts'
import { t05 } from './t05.ts'
import { t06 } from './t06.ts'
import { t07 } from './t07.ts'
import { t08 } from './t08.ts'
import { t09 } from './t09.ts'
import { t10 } from './t10.ts'
import { t11 } from './t11.ts'
import { t12 } from './t12.ts'
import { t13 } from './t13.ts'
import { t14 } from './t14.ts'
import { t15 } from './t15.ts'
import { t16 } from './t16.ts'
import { t17 } from './t17.ts'
import { t18 } from './t18.ts'
import { t19 } from './t19.ts'
import { t20 } from './t20.ts'
import { t21 } from './t21.ts'
import { t22 } from './t22.ts'
import { t23 } from './t23.ts'
import { t31 } from './t31.ts'
import { t32 } from './t32.ts'
import { t33 } from './t33.ts'
import { t34 } from './t34.ts'
import { t35 } from './t35.ts'
import { t36 } from './t36.ts'
import { t37 } from './t37.ts'
import { t38 } from './t38.ts'
import { t39 } from './t39.ts'
import { t40 } from './t40.ts'
import { t41 } from './t41.ts'
import { t42 } from './t42.ts'
import { t43 } from './t43.ts'
import { t46 } from './t46.ts'
import { t50 } from './t50.ts'
import { t52 } from './t52.ts'
import { t53 } from './t53.ts'
import { t55 } from './t55.ts'
import { t56 } from './t56.ts'
import { t57 } from './t57.ts'
import { t58 } from './t58.ts'
import { t59 } from './t59.ts'
import { t60 } from './t60.ts'
import { t61 } from './t61.ts'

/** Every row there is code for. */
export const rows: Row[] = [
  t01,
  t02,
  t03,
  t04,
  t05,
  t06,
  t07,
  t08,
  t09,
  t10,
  t11,
  t12,
  t13,
  t14,
  t15,
  t16,
  t17,
  t18,
  t19,
  t20,
  t21,
  t22,
  t23,
  t31,
  t32,
  t33,
  t34,
  t35,
  t36,
  t37,
  t38,
  t39,
  t40,
  t41,
  t42,
  t43,
  t46,
  t50,
  t52,
  t53,
  t55,
  t56,
  t57,
  t58,
  t59,
  t60,
  t61,
  a01,
  a02,
]
