import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readStackVariables } from '#shared/config.ts'
import type { Size } from '../context/copy.ts'
import { layContext } from '../context/lay.ts'
import { type FunctionSource, readBuildPlan } from '../context/plan.ts'
import { UserError } from '../user-error.ts'
import type { Output } from './output.ts'

/** What `junction context` is asked. */
export interface ContextOptions {
  out: string
  stack: string
}

/** Lays out the contexts of the functions named, of all where none is, each in a folder of its name. */
export const context = async (names: string[], { out, stack }: ContextOptions, output: Output): Promise<void> => {
  const root = process.cwd()
  const { functions, copy } = readBuildPlan(stack, readStack(stack), readStackVariables())
  const unknown = names.find((name) => !functions.some((one) => one.name === name))
  if (unknown !== undefined)
    throw new UserError(`${stack} has no function ${unknown}: ${functions.map(({ name }) => name).join(', ')}`)
  const chosen = functions.filter(({ name }) => names.length === 0 || names.includes(name))
  const laid: (FunctionSource & Size & { folder: string })[] = []
  for (const source of chosen) {
    const folder = join(out, source.name)
    laid.push({ ...source, folder, ...(await layContext({ root, source, copy, folder })) })
  }
  output.data(laid, () => laid.flatMap((one) => [describe(one), `  ${command(one)}`]))
}

const readStack = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new UserError(`${file} cannot be read: run this where stack.yml is, or name the file by --stack`)
  }
}

const describe = ({ folder, files, bytes }: { folder: string; files: number; bytes: number }): string =>
  `${relative('', folder)}: ${files} files, ${Math.ceil(bytes / 1024)} KiB`

/** What faas-cli would run. */
const command = ({ image, buildArgs, folder }: FunctionSource & { folder: string }): string =>
  [
    'docker build',
    ...Object.entries(buildArgs).map(
      ([name, value]) => `--build-arg ${name}=${/\s/.test(value) ? `"${value}"` : value}`,
    ),
    `-t ${image} ${relative('', folder)}`,
  ].join(' ')
