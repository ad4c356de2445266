import type { Command } from 'commander'
import { instant, timeZone } from '../arguments.ts'
import { makeOutput, type Terminal } from './output.ts'
import { besideOption, dataOption, jsonOption, listOption } from './place-options.ts'

/** Adds `history`; what does it is loaded when it runs. */
export const addHistory = (program: Command, terminal: Terminal): void => {
  program
    .command('history')
    .description('What the city has measured.')
    .command('export')
    .description('Write the speeds of its segments as a dataset (docs/dataset.md), for training or for a replay.')
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--from <instant>', 'what was measured from then on; all that is kept unless given', instant)
    .option('--until <instant>', 'and before then; up to the newest window unless given', instant)
    .option('--timezone <name>', 'IANA zone of its days; the one of the city unless given', timeZone)
    .addOption(dataOption())
    .addOption(besideOption())
    .addOption(listOption())
    .addOption(jsonOption())
    .action(async (options) =>
      (await import('./history-export.ts')).historyExport(options, makeOutput(terminal, options.json === true)),
    )
}
