import { spawn } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build } from 'esbuild'
import { build as buildPage } from 'vite'
import { handlerFolders } from './handlers.js'
import { noticesOf } from './notices.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const NOTICES = 'THIRD_PARTY_NOTICES.txt'
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  metafile: true,
  logLevel: 'warning',
}

/** Drivers are loaded by the scheme of a URL, so each is a file of its own beside the function. */
const driversApart = {
  name: 'drivers-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/[a-z0-9]+\.ts$/ }, ({ kind, importer, path }) => {
      if (kind !== 'dynamic-import' || !importer.includes(join('shared', 'bus'))) return undefined
      return { path: `./bus-${basename(path, '.ts')}.js`, external: true }
    })
  },
}

/** Bundles the drivers of brokers, the same beside every function. */
async function buildDrivers() {
  const outdir = join(root, 'dist/drivers')
  const names = ['kafka', 'nats']
  const { metafile } = await build({
    ...common,
    entryPoints: Object.fromEntries(names.map((name) => [`bus-${name}`, join(root, `shared/bus/${name}.ts`)])),
    outdir,
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
  })
  return { files: names.map((name) => join(outdir, `bus-${name}.js`)), inputs: Object.keys(metafile.inputs) }
}

/** Bundles one function as CommonJS, which V8's code cache can hold, behind a loader that uses the cache. */
async function buildFunction(folder, hasEntry, drivers) {
  const out = join(root, 'dist', folder)
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const stdin = {
    contents: `import definition from './handler.ts'\nimport { serve } from '#shared/function/serve.ts'\nserve(definition)`,
    resolveDir: join(root, folder),
    sourcefile: 'entry.ts',
    loader: 'ts',
  }
  const result = await build({
    ...common,
    ...(hasEntry ? { entryPoints: [join(root, folder, 'entry.ts')] } : { stdin }),
    outfile: join(out, 'function.js'),
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    supported: { 'dynamic-import': false },
    loader: { '.sql': 'text' },
    external: ['pg-native'],
    plugins: [driversApart],
  })
  await Promise.all(drivers.files.map((file) => copyFile(file, join(out, basename(file)))))
  await writeFile(join(out, 'package.json'), '{"type":"commonjs"}\n')
  await writeFile(join(out, 'meta.json'), JSON.stringify(result.metafile))
  const inputs = [...Object.keys(result.metafile.inputs), ...drivers.inputs]
  await writeFile(join(out, NOTICES), noticesOf(root, inputs))
  await build({
    ...common,
    entryPoints: [join(root, 'scripts/function-loader.cjs')],
    outfile: join(out, 'index.js'),
    format: 'cjs',
  })
  await warmCache(out)
}

function warmCache(folder) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'scripts/warm-code-cache.cjs'), folder], { stdio: 'inherit' })
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`the code cache of ${folder} could not be made (exit ${code})`)),
    )
  })
}

/** Builds the page into the files beside the function that serves it, each with its compressed form. */
async function buildDashboard() {
  const outDir = join(root, 'dist/functions/city/assets')
  const { output } = await buildPage({
    configFile: join(root, 'dashboard/vite.config.js'),
    logLevel: 'warn',
    build: { outDir },
  })
  const inputs = output.flatMap(({ moduleIds = [] }) => moduleIds).map((id) => relative(root, id.replace(/^\0/, '')))
  await writeFile(join(outDir, 'assets', NOTICES), noticesOf(root, inputs))
  const parts = await readdir(join(outDir, 'assets'))
  await Promise.all(
    parts.map(async (part) => {
      const file = join(outDir, 'assets', part)
      await writeFile(`${file}.gz`, await promisify(gzip)(await readFile(file), { level: 9 }))
    }),
  )
}

async function buildRuntime() {
  const { metafile } = await build({
    ...common,
    entryPoints: {
      cli: 'runtime/cli.ts',
      keeper: 'runtime/embedded/keeper.ts',
    },
    outdir: 'dist/runtime',
    format: 'esm',
    splitting: true,
    packages: 'external',
    loader: { '.sql': 'text' },
  })
  await writeFile(join(root, 'dist/runtime/meta.json'), JSON.stringify(metafile))
}

/** The end-to-end driver and the benchmarks run as programs of their own. */
async function buildTestPrograms() {
  await build({
    ...common,
    entryPoints: {
      e2e: 'test/e2e/run.ts',
      api: 'test/api/run.ts',
      bench: 'test/bench/run.ts',
      faults: 'test/faults/run.ts',
      'faults-connector': 'test/faults/programs/connector.ts',
      'faults-names': 'test/faults/programs/names.ts',
      'faults-gateway': 'test/faults/programs/gateway.ts',
      screenshots: 'test/page/screenshots.ts',
    },
    outdir: 'dist/test',
    format: 'esm',
    splitting: true,
    packages: 'external',
  })
}

const began = performance.now()
const withTests = process.argv.includes('--with-tests')
const [handlers, drivers] = await Promise.all([handlerFolders(root, withTests), buildDrivers()])
await Promise.all([
  buildRuntime(),
  ...(withTests ? [buildTestPrograms()] : []),
  ...handlers.map(({ folder, hasEntry }) => buildFunction(folder, hasEntry, drivers)),
])
await buildDashboard()
console.log(
  `built ${handlers.length} functions and the runtime in ${((performance.now() - began) / 1000).toFixed(1)} s`,
)
