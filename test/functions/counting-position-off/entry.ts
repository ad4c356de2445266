import { serve } from '#shared/function/serve.ts'
import { runUnit } from '#shared/function/unit.ts'
import { counting, mortal } from '../counting.ts'

// The broken part: a position that has moved is taken for one's own.
serve(counting, {
  runUnit: mortal((host, work) =>
    runUnit(host, {
      ...work,
      async claim(sql) {
        await sql.query('savepoint unchecked')
        await work.claim?.(sql).catch(() => sql.query('rollback to unchecked'))
      },
    }),
  ),
})
