import { defineFunction } from '#shared/function/define.ts'
import { ingestApp } from './app.ts'

/** Takes readings of any supported form and gives them to `readings`. */
export default defineFunction({ name: 'ingest', produces: ['readings'], http: (ctx) => ingestApp(ctx) })
