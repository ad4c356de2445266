import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { httpFunction } from './new-function/http.js'
import { openProject } from './new-function/project.js'
import { scheduleFunction } from './new-function/schedule.js'
import { withEntry } from './new-function/stack-entry.js'
import { topicFunction } from './new-function/topic.js'
import { install, root } from './prepare.js'

// Writes a function that runs: everything is looked at first, so that a refusal leaves nothing behind.

const USAGE = `npm run new-function -- NAME --topic TOPIC
npm run new-function -- NAME --schedule "CRON" [--timezone ZONE]
npm run new-function -- NAME --http`

/** Logs of the runtime's own have these names. */
const RESERVED = ['runtime', 'postgres']

class Refusal extends Error {}

function wanted(args) {
  const options = {
    topic: { type: 'string' },
    schedule: { type: 'string' },
    timezone: { type: 'string' },
    http: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  }
  let parsed
  try {
    parsed = parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    throw new Refusal(`${error.message}\n${USAGE}`)
  }
  const { topic, schedule, timezone, http, help } = parsed.values
  const [name, ...more] = parsed.positionals
  if (help) return undefined
  if (name === undefined || more.length > 0) throw new Refusal(`give one name\n${USAGE}`)
  if ([topic, schedule, http].filter((kind) => kind !== undefined).length !== 1)
    throw new Refusal(`say what calls it: one of --topic, --schedule and --http\n${USAGE}`)
  if (timezone !== undefined && schedule === undefined) throw new Refusal('--timezone goes with --schedule only')
  return { name, topic, schedule, timezone }
}

function madeFor({ name, topic, schedule, timezone }, { topics, examples }) {
  if (topic !== undefined) {
    if (!Object.hasOwn(topics, topic))
      throw new Refusal(`there is no topic "${topic}": there are ${Object.keys(topics).join(', ')}`)
    return topicFunction(name, topic, topics[topic], examples[topic])
  }
  return schedule === undefined ? httpFunction(name) : scheduleFunction(name, schedule, timezone)
}

/** stack.yml with the new function, read by the very reader the runtime has. */
function stackWith(name, made, { readStack }) {
  const text = readFileSync(join(root, 'stack.yml'), 'utf8')
  const isFolder = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() === true
  const read = (text, tell) => {
    try {
      return readStack({
        file: 'stack.yml',
        text,
        env: process.env,
        isFolder: (path) => path === `./functions/${name}` || isFolder(path),
        readText: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined),
      })
    } catch (error) {
      throw error.name === 'StackError' ? new Refusal(tell(error.message)) : error
    }
  }
  const { functions } = read(text, (message) => message)
  if (functions.length === 0) throw new Refusal('stack.yml has no function to take image and secrets from')
  if (functions.some((one) => one.name === name)) throw new Refusal(`the name ${name} is taken: stack.yml has it`)
  const longer = withEntry(text, name, made)
  // The line an error names here is one that nobody has written.
  read(longer, (message) => message.replace(/^stack\.yml:\d+: /, ''))
  return longer
}

function write(name, files, stack) {
  const folder = join(root, 'functions', name)
  try {
    mkdirSync(folder)
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
    execFileSync(process.execPath, [biome, 'check', '--write', '--error-on-warnings', folder], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    writeFileSync(join(root, 'stack.yml'), stack)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

async function main() {
  const wish = wanted(process.argv.slice(2))
  if (wish === undefined) return console.log(USAGE)
  const { name } = wish
  install()
  const project = await openProject()
  if (RESERVED.includes(name)) throw new Refusal(`the name ${name} is taken: a log of the runtime bears it`)
  const made = madeFor(wish, project)
  const stack = stackWith(name, made, project)
  if (existsSync(join(root, 'functions', name)))
    throw new Refusal(`the name ${name} is taken: functions/${name} is there`)
  write(name, made.files, stack)
  console.log(`written:
${Object.entries(made.says)
  .map(([file, what]) => `  functions/${name}/${file}`.padEnd(48) + what)
  .join('\n')}
${'  stack.yml'.padEnd(48)}its entry, at the end

next: npm run check, then (re)start with npm start, and ${made.look}`)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Refusal ? `new-function: ${error.message}` : error)
  process.exitCode = 1
}
