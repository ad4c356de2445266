import { parseArgs } from 'node:util'
import { build, install, run } from './prepare.js'

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
install()
build('--with-tests')
run(process.execPath, [
  '--experimental-vm-modules',
  '--no-warnings',
  'node_modules/jest/bin/jest.js',
  '--config',
  'jest.servers.config.js',
  // One server at a time: two would wait for each other's processor.
  '--runInBand',
  ...(only.length > 0 ? [`/(${only.join('|')})[^/]*$`] : []),
  ...positionals,
])
