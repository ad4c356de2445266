import type { Command } from 'commander'
import { anyNumber, whole } from '../arguments.ts'
import type { Terminal } from './output.ts'

/** Adds `train`; what does it is loaded when it runs. */
export const addTrain = (program: Command, terminal: Terminal): void => {
  program
    .command('train')
    .description('Train a model of forecasts on a dataset (docs/dataset.md), and write it where it beats simpler ones.')
    .requiredOption('--data <dir>', 'folder with a dataset.json')
    .option('--until <time>', 'only on what lies before: a local time of the dataset, or an instant with its zone')
    .option('--seed <n>', 'another seed begins with other weights', whole, 1)
    .option('--out <dir>', 'folder to write the model to', 'model')
    .option('--step <duration>', 'from row to row, as in PT5M; the commonest of the data unless given')
    .option('--missing <n>', 'a value that stands for a missing reading', anyNumber)
    .action(async (options) => {
      const { train } = await import('./train.ts')
      if (!(await train(options, (line) => terminal.out(`${line}\n`)))) terminal.setExitCode(1)
    })
}
