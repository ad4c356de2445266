import { expect, it } from '@jest/globals'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { Database } from '#shared/state/database.ts'
import { openAsyncCalls } from './open.ts'

it('refuses calls that only headers make large once 16 MiB wait for a database that takes nothing', async () => {
  const calls = openAsyncCalls({
    database: { query: () => new Promise(() => {}) } as unknown as Database,
    ...{ holder: 'test', capacity: () => 1, annotationsOf: () => ({}), metrics: new Registry() },
    invoke: () => Promise.reject(new Error('nothing is claimed')),
    log: pino({ level: 'silent' }),
  })
  const call = { path: '/', headers: ['large', 'x'.repeat(1 << 20)], body: Buffer.alloc(0), callbackUrl: undefined }
  const submit = (i: number) => calls.submit({ ...call, callId: `call-${i}`, function: 'f' })
  // Some are taken out for the first batch, which never ends.
  for (let i = 0; i < 8; i++) void submit(i)
  await new Promise((resolve) => setImmediate(resolve))
  for (let i = 8; i < 32; i++) void submit(i).catch(() => {})
  await expect(submit(32)).rejects.toMatchObject({ problem: { status: 503, code: 'unavailable' } })
})
