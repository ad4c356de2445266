import { spawn, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { copyCheckout } from './checkout.js'
import { root } from './prepare.js'

// Runs what the README tells a reader to run, on a port and in a folder of its own. A command it does not know fails:
// whoever writes one into the README says here how it is proved.

const folder = mkdtempSync(join(tmpdir(), 'junction-readme-'))
chmodSync(folder, 0o711)
const data = join(folder, 'data')
const port = await freePort()
const PATIENCE_MS = 180_000

const commands = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block]) => block.trim().split('\n'))
  .map((line) => line.trim())

/** How each kind of command is proved; `elsewhere` names what runs it. */
const proofs = [
  [/^npm start$/, () => start(['--port', String(port), '--data', data], data)],
  [/^npm start -- --replay/, replay],
  [/^npm start -- --clock/, morning],
  [/^BUS_URL=/, elsewhere('npm run test:servers')],
  [/^AUTH_MODE=keys npm start$/, () => start(['--port', String(port), '--data', data], data, { AUTH_MODE: 'keys' })],
  [/^bin\/junction device add /, deviceAdd],
  [/^echo .* > roads\.geojson$/, (command) => void shell(`cd ${folder} && ${command}`)],
  [/^DATABASE_URL=\S+ SECRETS_DIR=\S+ bin\/junction connector /, connectorBeside],
  [
    /^DATABASE_URL=\S+ bin\/junction manifests /,
    (command) => void shell(command.replace(/--out \S+/, `--out ${join(folder, 'manifests')}`)),
  ],
  [/^curl /, curl],
  [/^bin\/junction logs my-first$/, logsOfNewFunction],
  [/^bin\/junction (demo export|train|evaluate) /, (command) => void shell(inFolder(command))],
  [/^bin\/junction model use /, modelUse],
  [/^bin\/junction /, (command) => void junction(command)],
  [/^npm run new-function /, newFunction],
  [/^npm test functions\//, (command) => void shell(command)],
  [/^npm run (bench|faults|soak:deploys|soak:zero)/, (command) => void shell(command)],
  [/^npm run clean -- --dry-run$/, (command) => void shell(command)],
  [/^npm run licenses$/, (command) => void shell(command)],
  [/^npm run test:nodes$/, elsewhere('.ci/run')],
  [/^npm test$/, elsewhere('.ci/run')],
  [/^npm run check$/, elsewhere('.ci/run')],
  [/^npm run test:(page|api|servers|accuracy|images)$/, elsewhere('.ci/run')],
  [/^npm run (e2e|shapes|test:gateway)/, elsewhere('.ci/run')],
]

const running = []
/** What must not outlive this script, if it fails. */
const children = []
/** Where commands run: a copy of the project from the moment one of them would change it. */
let here = root
let deviceKey
try {
  for (const command of commands) {
    const proof = proofs.find(([pattern]) => pattern.test(command))?.[1]
    if (!proof) throw new Error(`the README has a command nobody proves: ${command}`)
    const outcome = await proof(command)
    console.log(`ok  ${command}${typeof outcome === 'string' ? `  (${outcome})` : ''}`)
  }
} catch (error) {
  console.error(`FAILED: ${error.message}`)
  process.exitCode = 1
} finally {
  for (const child of children) child.kill('SIGKILL')
  for (const one of running) {
    await interrupt(one).catch((error) => {
      console.error(`FAILED: ${error.message}`)
      process.exitCode = 1
      killLeft(one)
    })
  }
  rmSync(folder, { recursive: true, force: true })
}
process.exit()

function elsewhere(where) {
  return () => `run by ${where}`
}

/** Starts as `npm start` does and waits for the address it prints. */
async function start(args, data, env = {}) {
  const child = spawn('npm', ['start', '--', ...args], { cwd: here, env: { ...process.env, ...env } })
  running.push({ child, data })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  for (const end = Date.now() + PATIENCE_MS; !/http:\/\/\S+\/function\/city\//.test(output); await delay(100)) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`npm start ${args.join(' ')}:\n${output}`)
  }
}

// Ctrl-C to the runtime alone: npm passes its own on, late on a busy machine, which then counts as a second one. The
// lock is the last that goes.
async function interrupt({ child, data }) {
  if (child.exitCode !== null) return
  const lock = join(data, 'lock')
  process.kill(JSON.parse(readFileSync(lock, 'utf8')).pid, 'SIGINT')
  for (const end = Date.now() + 60_000; existsSync(lock); await delay(100)) {
    if (Date.now() > end) throw new Error(`the runtime of ${data} did not stop in order`)
  }
}

async function interruptLast() {
  await interrupt(running.at(-1))
  running.pop()
}

/** What did not stop in order. */
function killLeft({ child, data }) {
  try {
    process.kill(JSON.parse(readFileSync(join(data, 'lock'), 'utf8')).pid, 'SIGKILL')
  } catch {
    // It never got as far as its lock, or has ended since.
    child.kill('SIGKILL')
  }
}

async function newFunction(command) {
  while (running.length > 0) await interruptLast()
  here = join(folder, 'copy')
  copyCheckout(here)
  shell(command)
}

async function logsOfNewFunction(command) {
  for (const end = Date.now() + PATIENCE_MS; ; await delay(200)) {
    const { stdout } = spawnSync('bash', ['-c', `${command} --data ${data}`], { cwd: here })
    if (/"events":[1-9]/.test(stdout.toString())) return
    if (Date.now() > end) throw new Error(`${command} shows no event: ${stdout}`)
  }
}

async function replay() {
  const dataset = join(folder, 'dataset')
  writeDataset(dataset)
  const data = join(folder, 'replay')
  await start(['--replay', dataset, '--speed', '120', '--port', String(await freePort()), '--data', data], data)
  await interruptLast()
}

// Beside the runtime that runs by now, whose work it shares for a moment.
async function connectorBeside(command) {
  const { url, databaseUrl } = JSON.parse(readFileSync(join(data, 'runtime.json'), 'utf8'))
  const own = await freePort()
  const args = command.replace(/^.*bin\/junction /, '').replace(/--gateway \S+/, `--gateway ${url} --port ${own}`)
  const env = { ...process.env, DATABASE_URL: databaseUrl, SECRETS_DIR: join(data, 'secrets') }
  const child = spawn(join(here, 'bin/junction'), args.split(' '), { cwd: here, env })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  children.push(child)
  const exited = new Promise((resolve) => child.once('close', resolve))
  const isReady = () =>
    fetch(`http://127.0.0.1:${own}/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  for (const end = Date.now() + PATIENCE_MS; !(await isReady()); await delay(200)) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`${command} did not get ready:\n${output}`)
  }
  child.kill('SIGTERM')
  const code = await exited
  if (code !== 0) throw new Error(`${command} ended with ${code}:\n${output}`)
}

// Two seconds of the two minutes.
async function morning(command) {
  const file = join(folder, 'states.json')
  const shorter = command.replace('--for 120', '--for 2').replace('states.json', file)
  shell(`${shorter.replace('.junction-morning', join(folder, 'morning'))} --port ${await freePort()}`)
  JSON.parse(readFileSync(file, 'utf8'))
}

// A state follows its reading by a moment, so what is not there yet is asked for again.
async function curl(command) {
  for (const end = Date.now() + PATIENCE_MS; ; await delay(200)) {
    const here = command.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`).replace('.junction/', `${data}/`)
    const { stdout } = spawnSync('bash', ['-c', here], { env: { ...process.env, KEY: deviceKey } })
    const text = stdout.toString()
    if (/HTTP\/1.1 202|"level":|"availableReplicas":|^5\n$/.test(text)) return
    if (Date.now() > end) throw new Error(`${command} was answered with ${text}`)
  }
}

// The key that is shown is what the next command sends.
function deviceAdd(command) {
  deviceKey = /dk_\S+/.exec(shell(`${command} --data ${data}`))?.[0]
  if (!deviceKey) throw new Error(`${command} showed no key`)
}

function junction(command) {
  return shell(`${inFolder(command)} --data ${data}`)
}

/** What a reader's commands leave where they stand. */
function inFolder(command) {
  return command.replace(/roads\.geojson|\.junction-(days|model)/g, (name) => join(folder, name))
}

// Whether it is worse than the one that ships is not for this script to say: that it was compared is.
function modelUse(command) {
  const { stdout } = spawnSync('bash', ['-c', `${inFolder(command)} --data ${data}`], { cwd: here })
  const told = /is in service in the place of shipped|refused: on the last day .*shipped, which serves/.exec(
    stdout.toString(),
  )
  if (!told) throw new Error(`${command} said ${stdout}`)
  return told[0]
}

function shell(command) {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { cwd: here, maxBuffer: 16 << 20 })
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${stdout}${stderr}`)
  return stdout.toString()
}

function writeDataset(path) {
  mkdirSync(path, { recursive: true })
  writeFileSync(
    join(path, 'dataset.json'),
    '{"title":"Two loops","values":{"file":"speed.csv","form":"wide","start":"2026-03-02T00:00:00","step":"PT5M","timeZone":"Europe/Vienna"},"measure":"speed","unit":"KMH","devices":{"file":"devices.csv","id":"id","latitude":"lat","longitude":"lon","prefix":"loop-"}}',
  )
  writeFileSync(join(path, 'devices.csv'), 'id,lat,lon\n1,48.2,16.3\n2,48.21,16.31\n')
  writeFileSync(join(path, 'speed.csv'), `1,2\n${'50,60\n'.repeat(300)}`)
}

// Below what is given to outgoing connections: nobody takes it by chance before it is used.
function freePort() {
  return new Promise((resolve, reject) => {
    const port = randomInt(11_000, 32_000)
    const server = createServer()
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(freePort()) : reject(error)))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)))
  })
}
