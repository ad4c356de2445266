import { defineFunction } from '#shared/function/define.ts'
import { ingestApp } from './app.ts'
import { countRefusals } from './refusals.ts'

/** Takes readings of any supported form and gives them to `readings`. */
export default defineFunction({
  name: 'ingest',
  produces: ['readings'],
  // Whose readings a device may send is looked at one by one.
  access: { '/': 'device', '/openapi.json': 'anonymous' },
  http: (ctx) => ingestApp(ctx, countRefusals(ctx)),
})
