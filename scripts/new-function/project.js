import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from '../prepare.js'

/** What the project's own code knows: its topics with an example each, and how stack.yml is read. */
export async function openProject() {
  const folder = await mkdtemp(join(tmpdir(), 'junction-new-function-'))
  try {
    const outfile = join(folder, 'project.mjs')
    await build({
      absWorkingDir: root,
      stdin: {
        contents: `export { topics } from './shared/contracts/topics.ts'
          export { examples } from './shared/contracts/examples.ts'
          export { readStack } from './runtime/stack/read.ts'`,
        resolveDir: root,
        loader: 'ts',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      // `yaml` is CommonJS that requires parts of Node.js.
      banner: { js: `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)` },
      outfile,
      logLevel: 'warning',
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
