import { fromOpenFaasHandler } from '#shared/function/openfaas-handler.ts'

/** Answers what it was given, as a handler of the official node template does. */
export default fromOpenFaasHandler('official-handler', async (event, context) => {
  const { body, method, path, query, headers } = event
  if (path === '/throws') throw new Error('as ordered')
  return context.status(200).succeed({ body, method, path, query, topic: headers['x-topic'], id: headers['ce-id'] })
})
