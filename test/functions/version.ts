import { setTimeout as delay } from 'node:timers/promises'
import { Hono } from 'hono'
import { defineFunction } from '#shared/function/define.ts'

/** Long enough for a deployment to find calls in flight. */
const ANSWER_MS = 20

/** A function that answers which of its builds it is. */
export const version = (text: string) =>
  defineFunction({
    name: 'version',
    http: () =>
      new Hono().get('/', async (c) => {
        await delay(ANSWER_MS)
        return c.text(text)
      }),
  })
