import { spawn } from 'node:child_process'

/** A load of requests from a process of its own. */
export const startLoad = (what: { url: string; count?: number; perSecond?: number }) => {
  const child = spawn(process.execPath, ['test/replicas/load.js', JSON.stringify(what)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk
  })
  const told = new Promise<{ statuses: Record<string, number>; p99: number; most: number }>((resolve) => {
    child.on('close', () => resolve(JSON.parse(output)))
  })
  return {
    statuses: told.then(({ statuses }) => statuses),
    /** In milliseconds. */
    p99: told.then(({ p99 }) => p99),
    /** Requests that were open at once. */
    most: told.then(({ most }) => most),
    end: () => child.stdin.end(),
  }
}
