import { mkdirSync, renameSync } from 'node:fs'
import { appendFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { markOf } from '../logs/line.ts'

/** A log file of bounded size: at its limit it becomes `<file>.1`, which replaces the one before. */
export interface LogFile {
  write(line: string): void
  /** Copies the lines of a process, each marked with its time and the process; a line is never mixed with another's. */
  copy(stream: Readable, pid: number): void
  /** Resolves when everything is on disk. */
  flushed(): Promise<void>
}

const MAX_WAITING = 4 * 1024 * 1024
const MAX_LINE = 64 * 1024

/** Opens a log file for appending; a disk that cannot take it costs lines, never the process. */
export const openLogFile = (file: string, maxBytes = 10 * 1024 * 1024): LogFile => {
  mkdirSync(dirname(file), { recursive: true })
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let dropped = 0
  let size: number | undefined
  let running: Promise<void> | undefined

  const write = (chunk: Buffer): void => {
    if (waitingBytes + chunk.length > MAX_WAITING) {
      dropped++
      return
    }
    waiting.push(chunk)
    waitingBytes += chunk.length
    running ??= run()
  }

  const run = async (): Promise<void> => {
    // One turn of the event loop gathers what is written together.
    await new Promise((next) => setImmediate(next))
    while (waiting.length > 0) {
      if (dropped > 0)
        waiting.push(Buffer.from(`${JSON.stringify({ level: 40, msg: 'log lines dropped', dropped })}\n`))
      const bytes = Buffer.concat(waiting)
      waiting = []
      waitingBytes = 0
      dropped = 0
      await append(bytes).catch(() => {})
    }
    running = undefined
  }

  const append = async (bytes: Buffer): Promise<void> => {
    size ??= await stat(file).then(
      (found) => found.size,
      () => 0,
    )
    if (size > 0 && size + bytes.length > maxBytes) {
      renameSync(file, `${file}.1`)
      size = 0
    }
    await appendFile(file, bytes)
    size += bytes.length
  }

  const copy = (stream: Readable, pid: number): void => {
    let rest: Buffer[] = []
    let restBytes = 0
    stream.on('data', (chunk: Buffer) => {
      const end = chunk.lastIndexOf(10) + 1
      if (end > 0) {
        write(marked(Buffer.concat([...rest, chunk.subarray(0, end)]), pid))
        rest = []
        restBytes = 0
      }
      if (end === chunk.length) return
      rest.push(chunk.subarray(end))
      restBytes += chunk.length - end
      if (restBytes > MAX_LINE) finish()
    })
    const finish = () => {
      if (rest.length > 0) write(marked(Buffer.concat([...rest, Buffer.from('\n')]), pid))
      rest = []
      restBytes = 0
    }
    stream.on('close', finish)
    stream.on('error', () => {})
  }

  return { write: (line) => write(Buffer.from(`${line}\n`)), copy, flushed: async () => await running }
}

/** Whole lines, each with its mark. */
const marked = (lines: Buffer, pid: number): Buffer => {
  const mark = Buffer.from(markOf(new Date(), pid))
  const parts: Buffer[] = []
  for (let begin = 0; begin < lines.length; ) {
    const end = lines.indexOf(10, begin) + 1
    parts.push(mark, lines.subarray(begin, end))
    begin = end
  }
  return Buffer.concat(parts)
}
