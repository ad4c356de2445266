import { commandLine } from './command-line.ts'

const fail = (error: Error): void => {
  // Errors a user can act on are one line; anything else is ours and needs its stack.
  const known = [
    'UserError',
    'DatasetError',
    'FrontDoorError',
    'KeeperError',
    'PortBusyError',
    'ConfigurationError',
    'SchemaError',
    'StackError',
    'DatabaseUnavailable',
  ]
  process.stderr.write(`junction: ${known.includes(error.name) ? error.message : (error.stack ?? String(error))}\n`)
  process.exitCode = 1
}

// A reader that went away (head, less) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const terminal = {
  out: (text: string) => void process.stdout.write(text),
  setExitCode: (code: number) => {
    process.exitCode = code
  },
}
await commandLine(terminal).parseAsync(process.argv).catch(fail)
