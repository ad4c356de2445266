import { defineFunction } from '#shared/function/define.ts'
import { cityApi } from './api.ts'

/** The public API of the city and its page. */
export default defineFunction({
  name: 'city',
  // What is not named here, /api/operator/*, is for operators.
  access: {
    '/': 'anonymous',
    '/assets/*': 'anonymous',
    '/openapi.json': 'anonymous',
    '/api/settings': 'anonymous',
    '/api/events': 'anonymous',
    '/api/traffic-status': 'anonymous',
    '/api/traffic-status/*': 'anonymous',
    '/api/traffic-forecasts': 'anonymous',
    '/api/forecast-accuracy': 'anonymous',
  },
  http: (ctx) => cityApi(ctx),
})
