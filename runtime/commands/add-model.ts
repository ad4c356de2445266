import type { Command } from 'commander'
import { makeOutput, type Terminal } from './output.ts'
import { besideOption, dataOption, jsonOption, listOption } from './place-options.ts'

/** Adds `model`; what does it is loaded when it runs. */
export const addModel = (program: Command, terminal: Terminal): void => {
  const model = program.command('model').description('The models that forecasts come from.')
  const placed = (name: string, description: string) =>
    model
      .command(name)
      .description(description)
      .addOption(dataOption())
      .addOption(besideOption())
      .addOption(listOption())
      .addOption(jsonOption())
  placed('ls', 'List them: what each was trained on, how it did, and which serves.').action(async (options) =>
    (await import('./model.ts')).modelList(options, makeOutput(terminal, options.json === true)),
  )
  placed('use', 'Put a model in service, where it is whole and no worse on the last day than the one that serves.')
    .argument('<dir>', 'folder of "junction train", or "shipped" for the one that came with Junction')
    .action(async (dir, options) =>
      (await import('./model-use.ts')).modelUse(dir, options, makeOutput(terminal, options.json === true)),
    )
  placed('rollback', 'Go back to the model that served before; once more, to the one that was left.').action(
    async (options) => (await import('./model.ts')).modelRollback(options, makeOutput(terminal, options.json === true)),
  )
}
