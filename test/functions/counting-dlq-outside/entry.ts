import { serve } from '#shared/function/serve.ts'
import { runUnit } from '#shared/function/unit.ts'
import { insertDeadLetters } from '#shared/state/dead-letter.ts'
import { counting, mortal } from '../counting.ts'

// The broken part: dead letters are written after the unit that moves past them, and what fails there is let go.
serve(counting, {
  runUnit: mortal(async (host, work) => {
    await runUnit(host, { ...work, deadLetters: [] })
    await insertDeadLetters(host.database, work.deadLetters).catch(() => {})
  }),
})
