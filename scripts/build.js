import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundleAssets } from './bundle/assets.js'
import { bundleDrivers } from './bundle/drivers.js'
import { bundleFunction, warmCache } from './bundle/function.js'
import { options } from './bundle/options.js'
import { handlerFolders } from './handlers.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const common = options(root)

async function buildFunction(handler, drivers) {
  const out = join(root, 'dist', handler.folder)
  const { metafile } = await bundleFunction({ root, out, drivers, ...handler })
  await writeFile(join(out, 'meta.json'), JSON.stringify(metafile))
}

async function buildRuntime() {
  const { metafile } = await build({
    ...common,
    entryPoints: {
      cli: 'runtime/cli.ts',
      keeper: 'runtime/embedded/keeper.ts',
      watchdog: 'runtime/watchdog/main.ts',
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
      accuracy: 'test/accuracy/run.ts',
      e2e: 'test/e2e/run.ts',
      api: 'test/api/run.ts',
      gateway: 'test/gateway/run.ts',
      bench: 'test/bench/run.ts',
      faults: 'test/faults/run.ts',
      'faults-connector': 'test/faults/programs/connector.ts',
      'faults-names': 'test/faults/programs/names.ts',
      'faults-gateway': 'test/faults/programs/gateway.ts',
      screenshots: 'test/page/screenshots.ts',
      models: 'test/models/program.ts',
      soak: 'test/soak/run.ts',
    },
    outdir: 'dist/test',
    format: 'esm',
    splitting: true,
    packages: 'external',
  })
}

const began = performance.now()
const withTests = process.argv.includes('--with-tests')
const [handlers, drivers] = await Promise.all([
  handlerFolders(root, withTests),
  bundleDrivers(root, join(root, 'dist/drivers')),
  buildRuntime(),
  ...(withTests ? [buildTestPrograms()] : []),
])
await Promise.all(handlers.map((handler) => buildFunction(handler, drivers)))
for (const handler of handlers)
  await bundleAssets({ root, out: join(root, 'dist', handler.folder, 'assets'), ...handler })
await Promise.all(handlers.map(({ folder }) => warmCache(join(root, 'dist', folder))))
console.log(
  `built ${handlers.length} functions and the runtime in ${((performance.now() - began) / 1000).toFixed(1)} s`,
)
