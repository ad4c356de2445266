import { serve } from '#shared/function/serve.ts'
import { runUnit } from '#shared/function/unit.ts'
import { transaction } from '#shared/state/transaction.ts'
import { counting, dieIfOrdered, noted } from '../counting.ts'

// The broken part: the position moves in a transaction of its own, before the effect.
serve(counting, {
  runUnit: noted(async (host, work) => {
    if (work.claim) await transaction(host.database, (sql) => (work.claim as NonNullable<typeof work.claim>)(sql))
    dieIfOrdered('die-after-commit')
    const { claim: _, ...rest } = work
    await runUnit(host, rest)
  }),
})
