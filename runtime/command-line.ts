import { Command, Option } from 'commander'
import { httpUrl, instant, notNegative, perSecond, port, positive, postgresUrl, rowLength, whole } from './arguments.ts'
import { addEvaluate } from './commands/add-evaluate.ts'
import { addHistory } from './commands/add-history.ts'
import { addImages } from './commands/add-images.ts'
import { addManifests } from './commands/add-manifests.ts'
import { addModel } from './commands/add-model.ts'
import { addRollback } from './commands/add-rollback.ts'
import { addTrain } from './commands/add-train.ts'
import type { DlqOptions } from './commands/dlq.ts'
import { makeOutput, type Terminal } from './commands/output.ts'
import { besideOption, dataOption, jsonOption, listOption } from './commands/place-options.ts'
import { projectPackage } from './project.ts'

/** The `junction` command; a command's module is loaded when it runs. */
export const commandLine = (terminal: Terminal): Command => {
  const program = new Command('junction')
    .description('Serverless functions that turn the raw signals of a city into live traffic states.')
    .version(projectPackage().version, '--version', 'print the version')
    .showHelpAfterError('(--help tells more)')
  const say = (line: string) => terminal.out(`${line}\n`)
  const command = (name: string, description: string) =>
    program.command(name).description(description).addOption(dataOption())

  command('up', 'Run the gateway, the connector, the functions and PostgreSQL on this machine.')
    .option('--demo', 'feed a small simulated city, unless --replay is given')
    .option('--seed <n>', 'the simulated city: another seed gives another traffic', whole, 1)
    .option('--replay <dir>', 'feed a dataset: city time starts where its data start')
    .option('--speed <n>', 'city seconds a real second; 0 is a clock stepped by hand', notNegative)
    .option('--clock, --from <instant>', 'city time at the first start', instant)
    .option('--for <seconds>', 'stop after so long, once all that was accepted is worked off', positive)
    .option('--export <file>', 'with --for: write the final states of what then lies LATE_AFTER back', String)
    .option('--port <n>', 'port of the gateway', port, 8080)
    .option('--host <address>', 'address of the gateway', '127.0.0.1')
    .option('--stack <file>', 'the functions and what wires them')
    .option('--database <url>', 'a PostgreSQL that runs elsewhere, in place of the embedded one', postgresUrl)
    .action(async (options) => (await import('./up.ts')).up(options, terminal))
  command('init', 'Make the data folder and its secrets, and start nothing.').action(async ({ data }) =>
    say(await (await import('./commands/init.ts')).init(data)),
  )
  command('status', 'Show functions, topics, consumers, dead letters and the city clock.')
    .addOption(jsonOption())
    .action(async ({ data, json }) => (await import('./commands/status.ts')).status(data, makeOutput(terminal, json)))
  command('logs', 'Print the logs of all functions, or of one.')
    .argument('[function]', 'a function, or postgres')
    .option('-f, --follow', 'go on with what comes')
    .option('-n, --lines <n>', 'lines of each log to begin with', whole, 50)
    .action(async (name, { data, follow, lines }) => {
      const { logs } = await import('./commands/logs.ts')
      await logs(data, { name, lines, follow: follow === true, signal: new AbortController().signal, print: say })
    })
  command('doctor', 'Look whether all is there that a start needs, and say what to do where it is not.')
    .option('--port <n>', 'port of the gateway; that of the running runtime, or 8080, unless given', port)
    .option('--host <address>', 'address of the gateway', '127.0.0.1')
    .addOption(jsonOption())
    .action(async (options) =>
      (await import('./commands/doctor.ts')).doctor(options, makeOutput(terminal, options.json === true)),
    )
  command('resume', 'Start a stopped consumer again at once.')
    .argument('<function>')
    .action(async (name, { data }) => say(await (await import('./commands/resume.ts')).resume(data, name)))
  command('redeliver', 'Deliver events of a topic to a function again, from an offset or a time on.')
    .argument('<topic>')
    .requiredOption('--consumer <name>', 'the function')
    .requiredOption('--from <place>', 'an offset, an instant, how long ago (30m, 2h, 7d), or earliest')
    .option('--partition <n>', 'of this partition only', notNegative)
    .option('--forward', 'go forth, too, up to latest: what lies between is never delivered')
    .addOption(besideOption())
    .addOption(listOption())
    .option('--dry-run', 'only say what would come again')
    .addOption(jsonOption())
    .action(async (topic, options) =>
      (await import('./commands/redeliver.ts')).redeliverCommand(
        topic,
        options,
        makeOutput(terminal, options.json === true),
      ),
    )
  command('down', 'Stop the runtime of a data folder in order.').action(async ({ data }) =>
    say(await (await import('./commands/down.ts')).down(data)),
  )
  addDeadLetters(program, terminal)
  addDevices(program, terminal)
  addFeeds(program, terminal)
  addUpkeep(program, terminal)
  addConnector(program)
  addEvaluate(program, terminal)
  addHistory(program, terminal)
  addImages(program, terminal)
  addManifests(program, terminal)
  addModel(program, terminal)
  addRollback(program, terminal)
  addTrain(program, terminal)
  return program
}

/** As many as there can be. */
const EVERY = 2 ** 31 - 1

const addDeadLetters = (program: Command, terminal: Terminal): void => {
  const dlq = program.command('dlq').description('Dead letters: events that failed for good.')
  const chosen = (command: Command, limit?: number) =>
    command
      .addOption(dataOption())
      .addOption(besideOption())
      .addOption(listOption())
      .option('--consumer <name>', 'only of this function')
      .option('--reason <reason>', 'only of this reason')
      .option('--since <time>', 'only from this instant on, or from so long ago (30m, 2h, 7d)')
      .option('--limit <n>', 'so many at most', whole, limit)
  const filtered = (command: Command, limit?: number) => chosen(command, limit).addOption(jsonOption())
  const load = () => import('./commands/dlq.ts')
  const output = (options: { json?: boolean }) => makeOutput(terminal, options.json === true)

  filtered(dlq.command('ls').description('List them, oldest first.'), 100)
    .option('--all', 'those already replayed or dropped, too')
    .action(async (options: DlqOptions) => (await load()).dlqList(options, output(options)))
  dlq
    .command('show')
    .description('Show one with its event.')
    .argument('<id>')
    .addOption(dataOption())
    .addOption(besideOption())
    .addOption(listOption())
    .addOption(jsonOption())
    .action(async (id: string, options: DlqOptions) => (await load()).dlqShow(id, options, output(options)))
  filtered(dlq.command('replay').description('Bring them back to their functions, each under its old event id.'))
    .argument('[ids...]')
    .option('--all', 'every open one')
    .option('--rate <n/s>', 'so many a second', perSecond, 50)
    .option('--dry-run', 'only say which')
    .action(async (ids: string[], options) =>
      (await load()).dlqReplay(ids, { limit: EVERY, ...options }, output(options)),
    )
  chosen(dlq.command('export').description('Write them whole, a line of JSON each, oldest first.'))
    .requiredOption('--out <file>', 'file to write, that is not there yet; - prints them')
    .option('--all', 'those already replayed or dropped, too')
    .action(async (options) => {
      const { dlqExport } = await import('./commands/dlq-export.ts')
      await dlqExport({ limit: EVERY, ...options }, (line) => terminal.out(`${line}\n`))
    })
  filtered(dlq.command('drop').description('Give them up: they stay, marked as dropped, by whom and why.'))
    .argument('[ids...]')
    .requiredOption('--why <text>', 'the reason, which is kept')
    .option('--all', 'every open one')
    .option('--yes', 'more than one')
    .option('--dry-run', 'only say which')
    .action(async (ids: string[], options) =>
      (await import('./commands/dlq-drop.ts')).dlqDrop(ids, { limit: EVERY, ...options }, output(options)),
    )
}

const addDevices = (program: Command, terminal: Terminal): void => {
  const device = program.command('device').description('Keys by which devices send their own readings.')
  const keyed = (name: string, description: string) =>
    device
      .command(name)
      .description(description)
      .addOption(dataOption())
      .addOption(besideOption())
      .addOption(listOption())
      .addOption(jsonOption())
  const load = () => import('./commands/device.ts')
  keyed('add', 'Make a key for exactly these devices, and show it once.')
    .argument('<ids...>')
    .option('--label <text>', 'what tells it from others')
    .action(async (ids: string[], options) =>
      (await load()).deviceAdd(ids, options, makeOutput(terminal, options.json === true)),
    )
  keyed('ls', 'List the keys.').action(async (options) =>
    (await load()).deviceList(options, makeOutput(terminal, options.json)),
  )
  keyed('revoke', 'End a key.')
    .argument('<prefix>')
    .action(async (prefix, options) => (await load()).deviceRevoke(prefix, options, makeOutput(terminal, options.json)))
}

const addFeeds = (program: Command, terminal: Terminal): void => {
  const feed = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .option('--url <url>', 'gateway; that of the data folder unless given', httpUrl)
      .option('--from <instant>', 'with --to: only what is due from then on, as received when it was due', instant)
      .option('--to <instant>', 'where that ends', instant)
      .addOption(dataOption())
  feed('replay', 'Post a dataset to a running gateway at the pace of the city clock.')
    .argument('<dir>', 'folder with a dataset.json')
    .option('--speed <n>', 'a pace of its own, from the first row on', positive)
    .action(async (dir, options) => (await import('./commands/feed.ts')).replayCommand(dir, options))
  feed('generate', 'Post a small simulated city to a running gateway: its last days, then what comes, for ever.')
    .option('--seed <n>', 'another seed gives another traffic', whole, 1)
    .action(async (options) => (await import('./commands/feed.ts')).generateCommand(options))
  program
    .command('demo')
    .description('The simulated city.')
    .command('export')
    .description('Write days of it as a dataset (docs/dataset.md), for a replay or for training.')
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--days <n>', 'so many days', whole, 7)
    .option('--seed <n>', 'another seed gives another traffic', whole, 1)
    .option('--from <instant>', 'where the first day begins', instant, new Date('2026-03-02T00:00:00+01:00'))
    .addOption(new Option('--step <length>', 'length of a row').argParser(rowLength).default(300_000, '5m'))
    .addOption(new Option('--measure <quantity>', 'what stands in a row').choices(['speed', 'count']).default('speed'))
    .action(async (options) => terminal.out(await (await import('./commands/demo-export.ts')).demoExport(options)))
}

const addUpkeep = (program: Command, terminal: Terminal): void => {
  const network = program.command('network').description('The road network.')
  network
    .command('load')
    .description('Load a road network (GeoJSON): what is there is replaced, what is not named stays.')
    .argument('<file>')
    .addOption(dataOption())
    .addOption(besideOption())
    .addOption(listOption())
    .addOption(jsonOption())
    .action(async (file, options) => {
      const { networkLines, networkLoad } = await import('./commands/network-load.ts')
      const loaded = await networkLoad(options, file)
      makeOutput(terminal, options.json).data(loaded, () => networkLines(loaded))
    })
  const consumer = program.command('consumer').description('Consumers of the log.')
  consumer
    .command('rm')
    .description('Forget the positions of a consumer that is no longer deployed.')
    .argument('<name>')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (name, { data, json }) => {
      const removed = await (await import('./commands/consumer-rm.ts')).consumerRemove(data, name)
      makeOutput(terminal, json).data(removed, () => [`${name} is removed: ${removed.positions} positions`])
    })
}

const addConnector = (program: Command): void => {
  program
    .command('connector')
    .description('Run the connector alone beside a gateway: DATABASE_URL, BUS_URL and SECRETS_DIR say the rest.')
    .option('--gateway <url>', 'gateway with the REST API of OpenFaaS', httpUrl)
    .addOption(
      new Option('--functions <file>', 'a list of the functions and their addresses, in place of a gateway').conflicts(
        'gateway',
      ),
    )
    .option('--port <n>', 'port of /healthz, /ready and /metrics', port, 8081)
    .option('--host <address>', 'address of that port', '127.0.0.1')
    .action(async (options) => (await import('./commands/connector.ts')).connector(options))
}
