import { serve } from '#shared/function/serve.ts'
import { runUnit } from '#shared/function/unit.ts'
import { countingOnce, mortal } from '../counting.ts'

serve(countingOnce, { runUnit: mortal(runUnit) })
