import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type LogLine, readLine } from './line.ts'

const POLL_MS = 100
const CHUNK = 64 * 1024

/**
 * Reads a log from its oldest line on, some lines at a time; an empty piece = this was all so far. With `follow` it goes
 * on until the signal, through rotations and through a log that is only begun later.
 */
export async function* readLog(file: string, follow: boolean, signal: AbortSignal): AsyncGenerator<LogLine[]> {
  let current = await openIfThere(file)
  const older = await openIfThere(`${file}.1`)
  try {
    if (older && (!current || !(await isSame(older, current)))) yield* readToEnd(older, lineCutter())
    let cut = lineCutter()
    while (!signal.aborted) {
      if (current) yield* readToEnd(current, cut)
      yield []
      if (!follow) return
      await sleep(POLL_MS, undefined, { signal }).catch(() => {})
      const now = await openIfThere(file)
      if (!now) continue
      if (current && (await isSame(now, current))) await now.close()
      else {
        // What was written before the log was rotated lies in the file that is open here.
        if (current) yield* readToEnd(current, cut)
        await current?.close()
        current = now
        cut = lineCutter()
      }
    }
  } finally {
    await Promise.all([current?.close(), older?.close()])
  }
}

const openIfThere = (file: string): Promise<FileHandle | undefined> =>
  open(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

const isSame = async (one: FileHandle, other: FileHandle): Promise<boolean> => {
  const [a, b] = await Promise.all([one.stat(), other.stat()])
  return a.ino === b.ino && a.dev === b.dev
}

async function* readToEnd(file: FileHandle, cut: (bytes: Buffer) => LogLine[]): AsyncGenerator<LogLine[]> {
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK)
    if (bytesRead === 0) return
    const lines = cut(buffer.subarray(0, bytesRead))
    if (lines.length > 0) yield lines
  }
}

/** Cuts bytes into whole lines and keeps the rest for the next ones. */
const lineCutter = () => {
  let rest: Buffer[] = []
  return (bytes: Buffer): LogLine[] => {
    const end = bytes.lastIndexOf(10) + 1
    if (end === 0) {
      rest.push(bytes)
      return []
    }
    const whole = Buffer.concat([...rest, bytes.subarray(0, end - 1)]).toString()
    rest = end < bytes.length ? [bytes.subarray(end)] : []
    return whole.split('\n').map(readLine)
  }
}

/** When a log was written last, undefined when there is none. */
export const writtenAt = (file: string): Promise<Date | undefined> =>
  stat(file).then(
    ({ mtime }) => mtime,
    () => undefined,
  )
