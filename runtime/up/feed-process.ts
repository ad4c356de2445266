import { type ChildProcess, spawn } from 'node:child_process'

/** A feed of its own process, so that the runtime's loop stays free; it dies with the runtime. */
export interface FeedProcess {
  /** Whether it came to its end, once it has ended. */
  ended: Promise<boolean>
  stop(): Promise<void>
}

const GRACE_MS = 3000

/** Starts the `junction` command with these arguments as a feed; says so when it fails. */
export const startFeed = (cliFile: string, args: string[], say: (line: string) => void): FeedProcess => {
  // A session of its own: Ctrl-C in the terminal stops it through the runtime, in order.
  const child: ChildProcess = spawn(process.execPath, [cliFile, ...args], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  let stopping = false
  const ended = new Promise<boolean>((done) => {
    child.once('error', (error) => {
      say(`the feed cannot be started: ${error.message}`)
      done(false)
    })
    child.once('exit', (code, signal) => {
      if (!stopping && code !== 0)
        say(`the feed has failed (${signal ?? `exit code ${code}`}); the city runs on without it`)
      done(code === 0)
    })
  })
  return {
    ended,
    async stop() {
      stopping = true
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
      await ended
      clearTimeout(timer)
    },
  }
}
