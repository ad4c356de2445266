import { spawn } from 'node:child_process'

/** A load: each connection sends its next request when the last is answered, the bodies in turn. */
export interface Load {
  url: string
  /** Where it goes instead of the host of the URL. */
  socketPath?: string
  connections: number
  seconds: number
  method: 'GET' | 'POST'
  bodies?: string[]
}

/** What came of it. */
export interface LoadResult {
  /** Answers 2xx. */
  perSecond: number
  failed: number
  /** Those answered, with the warm-up. */
  calls: number
  /** Milliseconds, whole. */
  p50: number
  p99: number
}

/** Runs a load in a process of its own, after a warm-up a third as long; throws if a request failed. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const child = spawn(process.execPath, ['test/bench/load.js'], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(load))
  let output = ''
  for await (const chunk of child.stdout) output += chunk
  if (output === '') throw new Error(`the load on ${load.url} gave no result`)
  const result = JSON.parse(output) as LoadResult
  if (result.failed > 0) throw new Error(`${result.failed} requests to ${load.url} failed under load`)
  return result
}
