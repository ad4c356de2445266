import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { driversApart } from './drivers.js'
import { bundledPackages, NOTICES, noticesOf } from './notices.js'
import { commonJs, options } from './options.js'
import { namedPackages } from './packages.js'

/**
 * Bundles one function into a folder, with the drivers, behind a loader that uses V8's code cache (see `warmCache`).
 * `native` names packages that no bundle can hold. Gives the metafile, and the folders of all packages and of those apart from the bundle.
 */
export async function bundleFunction({ root, folder, out, drivers, native }) {
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const entry = join(root, folder, 'entry.ts')
  const stdin = {
    contents: `import definition from './handler.ts'\nimport { serve } from '#shared/function/serve.ts'\nserve(definition)`,
    resolveDir: join(root, folder),
    sourcefile: 'entry.ts',
    loader: 'ts',
  }
  const { metafile } = await build({
    ...options(root),
    ...commonJs,
    ...(existsSync(entry) ? { entryPoints: [entry] } : { stdin }),
    outfile: join(out, 'function.js'),
    supported: { 'dynamic-import': false },
    loader: { '.sql': 'text' },
    external: ['pg-native', ...native],
    plugins: [driversApart],
  })
  await Promise.all(drivers.files.map((file) => copyFile(file, join(out, basename(file)))))
  await writeFile(join(out, 'package.json'), '{"type":"commonjs"}\n')
  const apart = namedPackages(root, native)
  const packages = new Set([...bundledPackages(root, [...Object.keys(metafile.inputs), ...drivers.inputs]), ...apart])
  await writeFile(join(out, NOTICES), noticesOf(packages))
  await build({
    ...options(root),
    entryPoints: [join(import.meta.dirname, 'loader.cjs')],
    outfile: join(out, 'index.js'),
    format: 'cjs',
  })
  return { metafile, packages, apart }
}

/** Makes the code cache of a bundled function, which starts for it: all it reads must lie beside it. */
export function warmCache(folder) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'warm-code-cache.cjs'), folder], {
      stdio: 'inherit',
    })
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`the code cache of ${folder} could not be made (exit ${code})`)),
    )
  })
}
