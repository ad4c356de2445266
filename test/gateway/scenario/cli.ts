import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The version of the faas-cli on PATH, undefined where there is none. */
export const versionOfCli = (): string | undefined => {
  const told = spawnSync('faas-cli', ['version', '--short-version'], { encoding: 'utf8' })
  return told.status === 0 ? told.stdout.trim() : undefined
}

/** Where the commands go. */
export interface CliTarget {
  url: string
  /** For its configuration and its stack.yml. */
  folder: string
  /** Undefined where no login is asked for. */
  password: string | undefined
}

/** Not stack.yml: that would be deployed in place of what a command names. */
const FILE = 'functions.yml'
const STACK = `version: 1.0
provider: {name: openfaas, gateway: http://127.0.0.1:1}
functions:
  cli-says:
    lang: dockerfile
    handler: ./says
    image: registry.example/acme/says:0.2
    fprocess: cat
    environment: {COUNT: 5, FLAG: true}
    secrets: [cli-secret]
    annotations: {note: from a stack}
`

/** Runs the commands of a real faas-cli; throws at the first whose exit code or output is not as expected. */
export const playCli = async ({ url, folder, password }: CliTarget): Promise<void> => {
  const home = join(folder, 'cli')
  mkdirSync(join(home, 'says'), { recursive: true })
  writeFileSync(join(home, FILE), STACK)
  const options = { cwd: home, env: { ...process.env, OPENFAAS_CONFIG: home, HOME: home, OPENFAAS_URL: url } }
  const cli = (args: string[], expected: RegExp, code = 0, input = '') => {
    const ran = spawnSync('faas-cli', args, { ...options, input, encoding: 'utf8', timeout: 60_000 })
    const told = `${ran.stdout}${ran.stderr}`
    if (ran.status !== code || !expected.test(told))
      throw new Error(`faas-cli ${args.join(' ')}: exit code ${ran.status}, not like ${expected}:\n${told}`)
  }
  const to = ['--gateway', url]
  if (password !== undefined) {
    cli(['list', ...to], /login/i, 1)
    cli(['login', ...to, '--username', 'admin', '--password-stdin'], /credentials saved/i, 0, password)
  }
  cli(['version', ...to], /junction/)
  cli(['ready', ...to], /ready/i)
  cli(['secret', 'create', 'cli-secret', '--from-literal', 's3cr3t', ...to], /Creating secret/)
  cli(['secret', 'update', 'cli-secret', '--from-literal', 'n3w', ...to], /Updated/)
  cli(['secret', 'list', ...to], /cli-secret/)
  cli(['deploy', '-f', FILE, '--read-template=false', ...to], /Deployed\. 202/)
  cli(['ready', 'cli-says', ...to], /ready/i)
  cli(['diff', '-f', FILE, ...to], /no differences/)
  cli(['list', '-v', ...to], /cli-says.*says:0\.2/)
  cli(['describe', 'cli-says', ...to], /Status:\s+Ready/)
  cli(['invoke', 'cli-says', ...to], /^over there$/, 0, 'over there')
  cli(['invoke', '--async', 'cli-says', ...to], /asynchronously|202/i, 0, 'later')
  cli(['logs', 'cli-says', '--tail=false', '--lines', '50', '--since', '1h', ...to], /\S/)
  await follows(['logs', 'cli-says', ...to], options)
  cli(['deploy', '--image', 'acme/env:1', '--name', 'cli-env', '--fprocess', 'env', ...to], /Deployed\. 202/)
  cli(['invoke', 'cli-env', '--query', 'a=b', ...to], /Http_Query=a=b/, 0, '')
  cli(['namespace', 'create', 'cli', '--label', 'tier=test'], /Created/i)
  cli(['namespace', 'get', 'cli'], /Name:\s+cli/)
  cli(['namespace', 'update', 'cli', '--label', 'tier=other'], /Updated/i)
  cli(['namespace', 'list'], /openfaas-fn/)
  cli(['namespace', 'remove', 'cli'], /Namespace (Removed|Deleted)/)
  cli(['remove', 'cli-env', ...to], /Removing/)
  cli(['remove', '-f', FILE, ...to], /Removing/)
  cli(['remove', 'cli-env', ...to], /No existing function|not found/i, 1)
  cli(['secret', 'remove', 'cli-secret', ...to], /remov/i)
}

/** Follows a log until its first line. */
const follows = (args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<void> =>
  new Promise((resolve, reject) => {
    const following = spawn('faas-cli', args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] })
    const late = setTimeout(() => following.kill(), 30_000)
    let told = false
    following.stdout?.once('data', () => {
      told = true
      following.kill()
    })
    following.once('close', () => {
      clearTimeout(late)
      if (told) resolve()
      else reject(new Error('faas-cli logs: followed the log in vain for 30 s'))
    })
  })
