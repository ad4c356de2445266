import type { Command } from 'commander'
import type { Terminal } from './output.ts'
import { dataOption } from './place-options.ts'

/** Adds `rollback`; what does it is loaded when it runs. */
export const addRollback = (program: Command, terminal: Terminal): void => {
  program
    .command('rollback')
    .description('Go back to the revision of a function that took its calls before.')
    .argument('<function>')
    .addOption(dataOption())
    .action(async (name, { data }) => terminal.out(`${await (await import('./rollback.ts')).rollback(data, name)}\n`))
}
