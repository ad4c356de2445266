// Runs a bundled function on a private socket until it is ready, then keeps what V8 has compiled by then beside it.
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { request } = require('node:http')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { Script } = require('node:vm')

const folder = process.argv[2]
const sockets = mkdtempSync(join(tmpdir(), 'junction-cache-'))
const socketPath = join(sockets, 's')
Object.assign(process.env, {
  PORT: socketPath,
  AUTH_MODE: 'dev',
  DATABASE_URL: 'postgres://junction@localhost/none?host=/nowhere',
  SECRETS_DIR: sockets,
  LOG_LEVEL: 'error',
})
// A function finds its files beside the program that was started.
process.argv[1] = join(folder, 'index.js')
const filename = join(folder, 'function.js')
const script = new Script(
  `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'utf8')}\n})`,
  { filename },
)
const module_ = { exports: {} }
script.runInThisContext()(module_.exports, createRequire(filename), module_, filename, folder)

const deadline = Date.now() + 10_000
const get = (path, done) => {
  const call = request({ socketPath, path }, (response) => response.resume().on('end', () => done(response.statusCode)))
  call.on('error', () => (Date.now() < deadline ? setTimeout(get, 20, path, done) : process.exit(1)))
  call.end()
}
get('/_/ready', (status) => {
  if (status !== 200) process.exit(1)
  writeFileSync(join(folder, 'function.cache'), script.createCachedData())
  rmSync(sockets, { recursive: true, force: true })
  process.exit(0)
})
