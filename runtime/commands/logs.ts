import { open, readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readLine } from '../logs/line.ts'
import { UserError } from '../user-error.ts'

const POLL_MS = 250
const TAIL_BYTES = 256 * 1024

/** What of the logs is wanted. */
export interface LogsOptions {
  /** One function or part of the runtime; all of them unless given. */
  name: string | undefined
  /** Lines of each log to begin with. */
  lines: number
  follow: boolean
  signal: AbortSignal
  print(line: string): void
}

/** Prints the last lines of the logs of a data folder, and goes on with what comes if asked to follow. */
export const logs = async (folder: string, { name, lines, follow, signal, print }: LogsOptions): Promise<void> => {
  const logFolder = join(resolve(folder), 'logs')
  const files = async () => {
    const names = (await readdir(logFolder).catch(() => [])).filter((file) => file.endsWith('.log')).sort()
    return names.filter((file) => name === undefined || file === `${name}.log`)
  }
  const found = await files()
  if (found.length === 0) {
    const all = (await readdir(logFolder).catch(() => [])).map((file) => basename(file, '.log')).join(', ')
    throw new UserError(
      all === ''
        ? `there are no logs in ${logFolder}: no runtime has run there yet; give its --data if it has another`
        : `there is no log ${name ?? ''} in ${logFolder}; there are ${all}`,
    )
  }
  const prefixed = (file: string) => (line: string) =>
    print(name === undefined ? `${basename(file, '.log')}  ${readLine(line).text}` : readLine(line).text)
  const ends = new Map<string, number>()
  for (const file of found) {
    const { text, end } = await readFrom(join(logFolder, file), -TAIL_BYTES)
    ends.set(file, end)
    text.split('\n').slice(0, -1).slice(-lines).forEach(prefixed(file))
  }
  while (follow && !signal.aborted) {
    await sleep(POLL_MS, undefined, { signal }).catch(() => {})
    for (const file of await files()) {
      const { text, end } = await readFrom(join(logFolder, file), ends.get(file) ?? 0)
      const whole = text.lastIndexOf('\n') + 1
      ends.set(file, end - Buffer.byteLength(text.slice(whole)))
      text.slice(0, whole).split('\n').slice(0, -1).forEach(prefixed(file))
    }
  }
}

/** The text from a place on (from the end where negative); a file that shrank is read anew. */
const readFrom = async (path: string, from: number): Promise<{ text: string; end: number }> => {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const start = from < 0 ? Math.max(0, size + from) : from > size ? 0 : from
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
    return { text: buffer.toString('utf8', 0, bytesRead), end: start + bytesRead }
  } finally {
    await file.close()
  }
}
