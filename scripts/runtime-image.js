import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { NOTICES, noticesOf } from './bundle/notices.js'
import { copyPackages, namedPackages } from './bundle/packages.js'
import { sbomOf } from './bundle/sbom.js'
import { handlerFolders } from './handlers.js'
import { root } from './prepare.js'

// Run by deploy/Dockerfile after the build: lays out what its images hold, the runtime and what is added to it for all
// of Junction.

const place = join(root, process.argv[2])
const runtime = join(place, 'runtime')
const added = join(place, 'added')

const { outputs } = JSON.parse(await readFile(join(root, 'dist/runtime/meta.json'), 'utf8'))
const imports = Object.values(outputs).flatMap((output) => output.imports)
const namesOf = (some) => some.map(({ path }) => path.split('/', path.startsWith('@') ? 2 : 1).join('/'))
const external = imports.filter(({ path, external }) => external && !isBuiltin(path))
const names = [...new Set(namesOf(external))]
const functions = await handlerFolders(root, false)
// What is a function's, and the runtime loads for some command at most, as ONNX Runtime, is not for the connector.
const native = functions.flatMap((one) => one.native)
const atStart = namesOf(external.filter(({ kind }) => kind !== 'dynamic-import'))
const isForCommands = (name) => native.includes(name) && !atStart.includes(name)
const needed = names.filter((name) => !isForCommands(name))
const packages = namedPackages(root, needed)
const all = namedPackages(root, [...new Set([...names, ...native])])

/** Copies from the project what an image holds; the build's own notes stay behind. */
async function copy(path, to) {
  await cp(join(root, path), join(to, path), { recursive: true, filter: (file) => !file.endsWith('/meta.json') })
}

/** What is inside, and under which licences. */
async function tellOf(folders, to) {
  await writeFile(join(to, NOTICES), noticesOf(folders))
  await writeFile(join(to, 'sbom.cdx.json'), `${JSON.stringify(await sbomOf(root, folders), undefined, 2)}\n`)
}

for (const path of ['dist/runtime', 'shared/state/migrations', 'package.json', 'LICENSE']) await copy(path, runtime)
await copyPackages(root, packages, runtime)
await tellOf(packages, runtime)
for (const path of ['dist/functions', 'stack.yml']) await copy(path, added)
const others = [...all].filter((folder) => !packages.has(folder))
await copyPackages(root, others, added)
await tellOf(all, added)
// stack.yml is read as strictly as anywhere: the folders it names are there, without the sources.
for (const { folder } of functions) await mkdir(join(added, folder), { recursive: true })
await mkdir(join(place, 'data'))
