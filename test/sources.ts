import { execFileSync } from 'node:child_process'

/** The TypeScript and JavaScript files of the project, as git knows them. */
export function sourceFiles(): string[] {
  return execFileSync('git', [
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '*.ts',
    '*.js',
    '*.cjs',
    '*.sql',
  ])
    .toString()
    .trim()
    .split('\n')
}
