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
  const statuses = new Promise<Record<string, number>>((resolve) => {
    child.on('close', () => resolve((JSON.parse(output) as { statuses: Record<string, number> }).statuses))
  })
  return { statuses, end: () => child.stdin.end() }
}
