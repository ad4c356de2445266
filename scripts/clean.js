import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { cacheFolder } from './cache.js'
import { root } from './prepare.js'

const usage = `npm run clean            what a build makes, and caches
npm run clean -- --data  also the data folder: readings, states, keys and logs are gone for good (--folder DIR: another one)
npm run clean -- --all   also node_modules
npm run clean -- --dry-run  only lists`

function read() {
  try {
    return parseArgs({
      options: {
        data: { type: 'boolean', default: false },
        folder: { type: 'string', default: join(root, '.junction') },
        all: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    return refuse(`${error.message}\n${usage}`)
  }
}

function refuse(message) {
  console.error(message)
  process.exit(1)
}

/** The command of a process; undefined when there is none. */
function commandOf(pid) {
  try {
    if (existsSync('/proc/self')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

/** The pid of the runtime, or of its PostgreSQL, that still works in a data folder. */
function userOf(folder) {
  const text = (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : '')
  const [, pid, command] = /^\{"pid":(\d+),"command":(".*")\}$/.exec(text('lock')) ?? []
  if (pid && commandOf(pid) === JSON.parse(command)) return pid
  const server = /^\d+/.exec(text('postgres/postmaster.pid'))?.[0]
  return server && commandOf(server)?.includes('postgres') ? server : undefined
}

function checkData(folder) {
  if (!existsSync(folder)) return
  // Only what a runtime has made is deleted: a slip of the finger must not cost a home folder.
  if (!['secrets', 'logs'].every((part) => existsSync(join(folder, part))))
    refuse(`${folder} is no data folder of Junction: it is left alone`)
  const pid = userOf(folder)
  if (pid) refuse(`pid ${pid} works in ${folder}: stop it ("bin/junction down --data ${folder}"), then clean`)
}

function sizeOf(path) {
  const stat = lstatSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}

/** What scripts keep in the cache; JUNCTION_CACHE may name a folder that holds more than that. */
function cached() {
  if (!existsSync(cacheFolder)) return []
  const named = (folder, pattern) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => pattern.test(name))
          .map((name) => join(folder, name))
      : []
  return [
    ...named(cacheFolder, /^(?:node|schemathesis)-\d/),
    ...named(join(cacheFolder, 'servers'), /^(?:kafka(?:-python)?|nats-server|image-base-\w+)-\d/),
  ]
}

const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1).padStart(9)} MiB`

const options = read()
if (options.help) {
  console.log(usage)
  process.exit()
}
const data = resolve(options.folder)
if (options.data) checkData(data)
const paths = [
  join(root, 'dist'),
  join(root, 'coverage'),
  ...(options.all ? [join(root, 'node_modules')] : ['.cache', '.vite'].map((name) => join(root, 'node_modules', name))),
  ...cached(),
  ...(options.data ? [data] : []),
].filter((path) => existsSync(path))
const sizes = paths.map(sizeOf)
paths.forEach((path, i) => {
  console.log(`${mebibytes(sizes[i])}  ${path}`)
})
console.log(`${mebibytes(sizes.reduce((sum, size) => sum + size, 0))}  in all`)
if (options['dry-run']) console.log('nothing is deleted (--dry-run)')
else {
  for (const path of paths) {
    try {
      rmSync(path, { recursive: true, force: true })
    } catch (error) {
      refuse(`${path} cannot be deleted (${error.code}): run this as the user it belongs to`)
    }
  }
  console.log('deleted')
}
