import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

/** The TypeScript and JavaScript files of the project, as git knows them. */
export function sourceFiles(): string[] {
  return execFileSync('git', [
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '*.ts',
    '*.tsx',
    '*.css',
    '*.js',
    '*.cjs',
    '*.sql',
  ])
    .toString()
    .trim()
    .split('\n')
}

/** The names of the functions that stack.yml deploys: the folders of functions/ with a handler. */
export function functionNames(): string[] {
  return readdirSync('functions').filter((name) => existsSync(`functions/${name}/handler.ts`))
}
