import type { Command } from 'commander'
import { anyNumber, whole } from '../arguments.ts'
import { makeOutput, type Terminal } from './output.ts'

/** `junction evaluate`. */
export const addEvaluate = (program: Command, terminal: Terminal): void => {
  program
    .command('evaluate')
    .description(
      'Judge a model on the last fifth of a dataset, beside persistence, slot mean and ridge; one is trained on what precedes it unless given.',
    )
    .requiredOption('--data <dir>', 'folder with a dataset.json')
    .option('--model <dir>', 'a model of these data whose training ends before that part')
    .option('--seed <n>', 'of the training', whole, 1)
    .option('--step <duration>', 'from row to row, as in PT5M; the commonest of the data unless given')
    .option('--missing <value>', 'a value that stands for a missing reading', anyNumber)
    .option('--report <file>', 'write a report in Markdown')
    .option('--json', 'print JSON')
    .action(async (options) =>
      (await import('./evaluate.ts')).evaluate(options, makeOutput(terminal, options.json === true)),
    )
}
