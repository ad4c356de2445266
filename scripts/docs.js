import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from './prepare.js'

/** The text of docs/configuration.md, from the one schema of the environment. */
export async function configurationPage() {
  const outfile = join(root, 'dist/docs/config.mjs')
  await build({
    absWorkingDir: root,
    stdin: {
      contents: `export { Environment } from './shared/config.ts'; export { z } from 'zod'`,
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'warning',
  })
  const { Environment, z } = await import(pathToFileURL(outfile).href)
  const { properties, required = [] } = z.toJSONSchema(Environment, { io: 'input', unrepresentable: 'any' })
  const rows = Object.entries(properties).map(([name, { description, default: value, enum: values }]) => {
    const fallback = required.includes(name) ? '**required**' : value === undefined ? '' : `\`${value}\``
    const choice = values ? ` (${values.map((one) => `\`${one}\``).join(', ')})` : ''
    return `| \`${name}\` | ${fallback} | ${description}${choice} |`
  })
  return `${(await readFile(join(root, 'scripts/configuration.head.md'), 'utf8')).trim()}

| variable | default | meaning |
|---|---|---|
${rows.join('\n')}
`
}

if (process.argv.includes('--write')) {
  const file = join(root, 'docs/configuration.md')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, await configurationPage())
}
