import { existsSync } from 'node:fs'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { bundledPackages, NOTICES, noticesOf } from './notices.js'

/**
 * Puts what a function serves or reads beside it: a folder with a vite.config.js as the page it builds, anything else as it
 * is. A path is one of the function's own folder or else of the project. Gives the folders of the packages in the pages.
 */
export async function bundleAssets({ root, folder, assets, out }) {
  const packages = new Set()
  for (const path of assets) {
    const source = [join(root, folder, path), join(root, path)].find((one) => existsSync(one))
    if (source === undefined) throw new Error(`ASSETS of ${folder} names ${path}, which is not there`)
    if (existsSync(join(source, 'vite.config.js')))
      for (const one of await bundlePage(root, source, out)) packages.add(one)
    else await cp(source, join(out, basename(path)), { recursive: true })
  }
  return packages
}

/** Builds a page, each of its parts with its compressed form. */
async function bundlePage(root, source, outDir) {
  const { build } = await import('vite')
  const { output } = await build({
    configFile: join(source, 'vite.config.js'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: false, rolldownOptions: { checks: { pluginTimings: false } } },
  })
  const inputs = output.flatMap(({ moduleIds = [] }) => moduleIds).map((id) => relative(root, id.replace(/^\0/, '')))
  const packages = bundledPackages(root, inputs)
  await writeFile(join(outDir, 'assets', NOTICES), noticesOf(packages))
  const parts = await readdir(join(outDir, 'assets'))
  await Promise.all(
    parts.map(async (part) => {
      const file = join(outDir, 'assets', part)
      await writeFile(`${file}.gz`, await promisify(gzip)(await readFile(file), { level: 9 }))
    }),
  )
  return packages
}
