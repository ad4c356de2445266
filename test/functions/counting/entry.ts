import { serve } from '#shared/function/serve.ts'
import { runUnit } from '#shared/function/unit.ts'
import { counting, mortal } from '../counting.ts'

serve(counting, { runUnit: mortal(runUnit) })
