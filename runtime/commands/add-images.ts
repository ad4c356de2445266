import { type Command, InvalidArgumentError } from 'commander'
import { makeOutput, type Terminal } from './output.ts'
import { jsonOption } from './place-options.ts'

const seconds = (text: string): number => {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('it must be a whole number of seconds.')
  return Number(text)
}

/** Adds what builds images and what runs in them beside the connector; what does it is loaded when it runs. */
export const addImages = (program: Command, terminal: Terminal): void => {
  const output = (json: boolean | undefined) => makeOutput(terminal, json === true)
  program
    .command('context')
    .description('Lay out what the images of functions are built from, as "faas-cli build --shrinkwrap" does.')
    .argument('[functions...]', 'all of the stack unless given')
    .option('--out <dir>', 'a folder for each function is made in it', 'build')
    .option('--stack <file>', 'the functions', 'stack.yml')
    .addOption(jsonOption())
    .action(async (names: string[], options) =>
      (await import('./context.ts')).context(names, options, output(options.json)),
    )
  program
    .command('migrate')
    .description('Bring the schema of the database of DATABASE_URL forward; exits 75 where it is not reached in time.')
    .option('--wait <seconds>', 'for the database', seconds, 60)
    .addOption(jsonOption())
    .action(async ({ wait, json }) => {
      terminal.setExitCode(await (await import('./migrate.ts')).migrateCommand(wait * 1_000, output(json)))
    })
}
