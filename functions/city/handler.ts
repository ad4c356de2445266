import { defineFunction } from '#shared/function/define.ts'
import { cityApi } from './api.ts'

/** The public API of the city and its page. */
export default defineFunction({ name: 'city', http: (ctx) => cityApi(ctx) })
