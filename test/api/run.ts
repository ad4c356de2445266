import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Driven, type Driver, drive } from './drive.ts'
import { driveEvents } from './stream.ts'
import { openWorld, type World } from './world.ts'

const SEED = 7
/** The function that breaks its contract, and what must be seen on each of its paths. */
const CONTROL = 'faulty'
const FAULTS = {
  '/fails': 'Server error',
  '/refuses': 'Undocumented status code',
  '/speaks': 'Undocumented Content-Type',
  '/lies': 'Response violates schema',
}

const print = (line: string) => void process.stdout.write(`${line}\n`)
const told = ({ requests, seconds }: Driven) => `${requests} requests in ${seconds.toFixed(1)} s`

async function main(st: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'junction-api-'))
  // As root PostgreSQL runs as another user, who must be able to walk to its folder.
  chmodSync(folder, 0o711)
  let world: World | undefined
  try {
    world = await openWorld(folder, CONTROL)
    const driver = { st, url: world.url, operatorToken: world.operatorToken, seed: SEED, folder }
    const passed = [await driveFunctions(driver, world), await driveStream(world), await driveControl(driver)]
    return passed.every(Boolean)
  } finally {
    await world?.runtime.stop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

async function driveFunctions(driver: Driver, { httpFunctions }: World): Promise<boolean> {
  let passed = httpFunctions.length > 0
  for (const name of httpFunctions) {
    const driven = await drive(driver, name, '--exclude-path', '/api/events')
    print(`${driven.conforms ? 'ok    ' : 'FAILED'} ${name}: ${told(driven)}`)
    if (!driven.conforms) print(driven.output)
    passed &&= driven.conforms
  }
  return passed
}

async function driveStream({ url, measure }: World): Promise<boolean> {
  try {
    await driveEvents(url, () => measure(7))
    print('ok     city /api/events: a state as the contract says')
    return true
  } catch (error) {
    print(`FAILED city /api/events: ${(error as Error).message}`)
    return false
  }
}

/** The negative control: each fault of a function that breaks its contract must be seen. */
async function driveControl(driver: Driver): Promise<boolean> {
  const driven = await drive(driver, CONTROL)
  const unseen = Object.entries(FAULTS).filter(([path, fault]) => !sees(driven.output, path, fault))
  const passed = !driven.conforms && unseen.length === 0
  print(`${passed ? 'ok    ' : 'FAILED'} control: the faults of a function that breaks its contract are seen`)
  if (!passed) print(`not seen: ${JSON.stringify(unseen)}\n${driven.output}`)
  return passed
}

/** Whether the part of the output about a path names the fault. */
function sees(output: string, path: string, fault: string): boolean {
  const [, part = ''] = output.split(new RegExp(`^_+ GET ${path} _+$`, 'm'))
  return part.split(/^_{3,}/m)[0]?.includes(fault) ?? false
}

process.exit((await main(process.argv[2] as string)) ? 0 : 1)
