import { setTimeout as delay } from 'node:timers/promises'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { defineFunction } from '#shared/function/define.ts'
import { gate } from '../gate.ts'

/** Answers after as many milliseconds as it is asked to wait, or once a gate is open, throws on request, or streams for ever. */
export default defineFunction({
  name: 'slow',
  http: ({ log, draining }) =>
    new Hono()
      .get('/wait/:ms', async (c) => {
        await delay(Number(c.req.param('ms')))
        log.info('answered')
        return c.json({ waited: Number(c.req.param('ms')) })
      })
      .get('/gate/:name', async (c) => {
        await gate(c.req.param('name'))
        return c.text('let through')
      })
      .get('/throw', () => {
        throw new Error('the secret of the house')
      })
      .get('/stream', (c) =>
        streamSSE(c, async (stream) => {
          while (!stream.aborted && !draining.aborted) {
            await stream.writeSSE({ data: 'still here' })
            await delay(20)
          }
        }),
      ),
})
