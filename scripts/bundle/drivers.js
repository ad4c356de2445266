import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { commonJs, options } from './options.js'

const NAMES = ['kafka', 'nats']

/** Bundles the drivers of brokers, the same beside every function: the files, and what went into them. */
export async function bundleDrivers(root, out) {
  const { metafile } = await build({
    ...options(root),
    ...commonJs,
    entryPoints: Object.fromEntries(NAMES.map((name) => [`bus-${name}`, join(root, `shared/bus/${name}.ts`)])),
    outdir: out,
  })
  return { files: NAMES.map((name) => join(out, `bus-${name}.js`)), inputs: Object.keys(metafile.inputs) }
}

/** Drivers are loaded by the scheme of a URL, so each is a file of its own beside the function. */
export const driversApart = {
  name: 'drivers-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/[a-z0-9]+\.ts$/ }, ({ kind, importer, path }) => {
      if (kind !== 'dynamic-import' || !importer.includes(join('shared', 'bus'))) return undefined
      return { path: `./bus-${basename(path, '.ts')}.js`, external: true }
    })
  },
}
