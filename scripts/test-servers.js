import { parseArgs } from 'node:util'
import { jest } from './prepare.js'

const SERVERS = ['kafka', 'nats', 'postgres']
const usage = `npm run test:servers [-- --only ${SERVERS.join('|')}] [-- FILE…]`

function read() {
  try {
    return parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true })
  } catch (error) {
    return refuse(error.message)
  }
}

function refuse(message) {
  console.error(`${message}\n${usage}`)
  process.exit(1)
}

const { values, positionals } = read()
const only = values.only?.split(',') ?? []
const unknown = only.find((name) => !SERVERS.includes(name))
if (unknown !== undefined) refuse(`--only ${unknown}: the servers are ${SERVERS.join(', ')}`)
// One server at a time: two would wait for each other's processor.
jest(
  ...['--config', 'jest.servers.config.js', '--runInBand'],
  ...(only.length > 0 ? [`/(${only.join('|')})[^/]*$`] : []),
  ...positionals,
)
