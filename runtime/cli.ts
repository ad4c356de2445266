import { commandLine } from './command-line.ts'
import { failureText } from './failure-text.ts'

const fail = (error: Error): void => {
  process.stderr.write(`junction: ${failureText(error)}\n`)
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
