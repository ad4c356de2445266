import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type FunctionProcess, startFunction } from '../function/process.ts'

const TOKEN = 'operator-token-of-this-test'
const secrets = mkdtempSync(join(tmpdir(), 'junction-secrets-'))
let city: FunctionProcess
beforeAll(async () => {
  writeFileSync(join(secrets, 'operator-token'), `${TOKEN}\n`)
  // Its PostgreSQL is nowhere.
  city = await startFunction('functions/city', { AUTH_MODE: 'keys', SECRETS_DIR: secrets })
})
afterAll(() => {
  city.remove()
  rmSync(secrets, { recursive: true })
})

it('makes no stranger of a device while the database is down, and needs none for the others', async () => {
  const ask = (authorization: string) => city.get('/openapi.json', { authorization })
  const device = await ask(`Bearer dk_0123456789_${'k'.repeat(43)}`)
  expect(device.status).toBe(503)
  expect(Number(device.headers['retry-after'])).toBeGreaterThan(0)
  expect((await ask('Bearer nobody')).status).toBe(401)
  expect((await ask(`Bearer ${TOKEN}`)).status).toBe(200)
  expect((await city.get('/openapi.json')).status).toBe(200)
})
