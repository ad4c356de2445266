import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

/** Where schemathesis is and what it drives. */
export interface Driver {
  /** The command. */
  st: string
  /** The gateway. */
  url: string
  operatorToken: string
  seed: number
  /** Where it may write. */
  folder: string
}

/** What came of the generated requests to one function. */
export interface Driven {
  /** Every answer was as the contract says, and none 5xx. */
  conforms: boolean
  /** How many requests were made. */
  requests: number
  /** What schemathesis printed. */
  output: string
  seconds: number
}

const CHECKS = [
  ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_schema_conformance'],
  ...['response_headers_conformance', 'negative_data_rejection', 'missing_required_header', 'ignored_auth'],
]
const REQUESTS_OF_ONE_OPERATION = '40'

/** Drives a function by generated valid and invalid requests from the contract it serves; `more` are options. */
export function drive(driver: Driver, name: string, ...more: string[]): Promise<Driven> {
  const { st, url, operatorToken, seed, folder } = driver
  const base = `${url}/function/${name}`
  const args = ['--config-file', resolve('test/api/schemathesis.toml'), 'run', `${base}/openapi.json`, '--url', base]
  const how = ['--seed', String(seed), '--max-examples', REQUESTS_OF_ONE_OPERATION]
  const what = ['--phases', 'examples,coverage,fuzzing', '--checks', CHECKS.join(','), '--continue-on-failure']
  const who = ['--header', `Authorization: Bearer ${operatorToken}`, '--request-timeout', '60', '--workers', '2']
  // Most generated segments are nobody's, which it would warn of.
  const quiet = ['--warnings', 'off', '--no-color']
  const began = performance.now()
  return new Promise((done, reject) => {
    const child = spawn(st, [...args, ...how, ...what, ...who, ...quiet, ...more], {
      cwd: folder,
      env: { ...process.env, SCHEMATHESIS_HOOKS: resolve('test/api/hooks.py') },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      const requests = Number(/(\d+) generated/.exec(output)?.[1] ?? 0)
      const seconds = (performance.now() - began) / 1000
      done({ conforms: code === 0 && requests > 0, requests, output, seconds })
    })
  })
}
