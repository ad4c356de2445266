import { type Command, Option } from 'commander'
import type { Terminal } from './output.ts'

/** Adds `manifests`; what makes them is loaded when it runs. */
export const addManifests = (program: Command, terminal: Terminal): void => {
  program
    .command('manifests')
    .description('Write what deploys the functions of stack.yml on a platform; the environment gives the settings.')
    .addOption(
      new Option('--target <platform>', 'what they are for')
        .choices(['knative', 'keda', 'openfaas-ce', 'openfaas-pro'])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <dir>', 'folder to write, empty or of a former run')
    .addOption(
      new Option('--delivery <how>', "what brings events: the connector, or Knative's own sources")
        .choices(['connector', 'sources'])
        .default('connector'),
    )
    .option('--namespace <name>', 'namespace of Kubernetes; junction, or openfaas-fn for OpenFaaS, unless given')
    .option('--expose <names>', 'for Knative: functions that are reached from outside, with commas between')
    .option('--stack <file>', 'the functions and what wires them')
    .action(async (options) => {
      const { lines, warnings } = await (await import('./manifests.ts')).manifests(options)
      for (const line of warnings) process.stderr.write(`${line}\n`)
      for (const line of lines) terminal.out(`${line}\n`)
    })
}
