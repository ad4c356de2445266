import { serve } from '#shared/function/serve.ts'
import { runUnit } from '#shared/function/unit.ts'
import { countingOnce, mortal } from '../counting.ts'

// The broken part: what may be done once only is done without a marker.
serve(countingOnce, { runUnit: mortal((host, { markers: _, ...work }) => runUnit(host, work)) })
