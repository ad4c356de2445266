import { type FixtureOptions, startFixture } from '../gateway/fixture.ts'

// A gateway in a plain process of its own, for load and for being killed: its one argument is the fixture as JSON.
const fixture = await startFixture(JSON.parse(process.argv[2] ?? '') as FixtureOptions)
const { root, socketDir } = fixture
process.stdout.write(`${JSON.stringify({ url: fixture.gateway.url, root, socketDir })}\n`)
process.stdin.resume().on('close', async () => {
  await fixture.stop()
  process.exit()
})
