import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { findBeside } from '#runtime/commands/beside.ts'
import { replayAll } from '#runtime/commands/dlq-replay.ts'
import { listDeadLetters } from '#runtime/dead-letters/rows.ts'
import { type Fixture, functionSource, startFixture } from '../gateway/fixture.ts'
import { freshDatabase, type TestDatabase } from '../postgres.ts'

/** Says in its log which Authorization it was called with. */
const told = functionSource(`(request, response) => {
  console.log('called with ' + request.headers.authorization)
  response.writeHead(204).end()
}`)

const OPERATOR = 'token-of-the-operator'
let fixture: Fixture
let test: TestDatabase
const folder = mkdtempSync(join(tmpdir(), 'junction-replay-'))

beforeAll(async () => {
  test = await freshDatabase()
  const secrets = { 'invoke-key': 'of-the-callers', 'basic-auth-user': 'admin', 'basic-auth-password': OPERATOR }
  for (const [name, text] of Object.entries(secrets)) writeFileSync(join(folder, name), text)
  Object.assign(process.env, { DATABASE_URL: test.url, SECRETS_DIR: folder })
  fixture = await startFixture({
    auth: { mode: 'keys', operatorToken: OPERATOR, basicAuth: { user: 'admin', password: OPERATOR } },
    functions: { own: told, foreign: told },
    annotations: { own: { 'city.junction.topics': 'readings' }, foreign: { topic: 'readings' } },
  })
})
afterAll(async () => {
  await fixture.stop()
  await test.drop()
  rmSync(folder, { recursive: true })
})

it("junction dlq replay shows the key of callers to functions of Junction's alone, and the operator's token to none", async () => {
  for (const consumer of ['own', 'foreign'])
    await test.database.query(
      `insert into dead_letter (consumer, topic, partition, "offset", event_id, reason, error_class, error, body)
       values ($1, 'readings', 0, 0, 'e', 'decode', 'x', 'x', '{}')`,
      [consumer],
    )
  const { database } = test
  const letters = await listDeadLetters(database, { ids: [], all: false, limit: 9 })
  const running = findBeside({ gateway: fixture.gateway.url })
  const outcomes = await replayAll(letters, { database, running, rate: 50, onOutcome: () => {} })
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['resolved', 'resolved'])
  expect(fixture.log('own')).toContain('called with Bearer of-the-callers')
  expect(fixture.log('foreign')).toContain('called with undefined')
})
