import { Transform, type Writable } from 'node:stream'

/** The log of a watchdog and of its programs: whole lines, in of-watchdog's form. */
export interface WatchdogLog {
  /** A line of the watchdog itself. */
  say(text: string): void
  /** What becomes of the lines of a program's stream, `stdout` or `stderr`; to be piped into. */
  linesOf(stream: 'stdout' | 'stderr'): Writable
}

const MAX_LINE = 64 * 1024
const NEWLINE = 10

/** Opens the log on `out`; with `prefix` a program's lines say when and from which stream they came. */
export const openLog = (out: Writable, prefix: boolean, now = () => new Date()): WatchdogLog => {
  // Every program that runs has its lines piped there.
  out.setMaxListeners(0)
  // With the reader gone the lines are dropped.
  out.on('error', () => {})
  const stamp = () => now().toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')
  return {
    say: (text) => void out.write(`${stamp()} ${text}\n`),
    linesOf: (stream) => {
      const lines = wholeLines((line) => (prefix ? Buffer.concat([Buffer.from(`${stamp()} ${stream}: `), line]) : line))
      // One write is one or more whole lines, so that those of several programs never mix.
      lines.pipe(out, { end: false })
      return lines
    },
  }
}

const wholeLines = (mark: (line: Buffer) => Buffer): Transform => {
  let rest: Buffer = Buffer.alloc(0)
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
      const lines: Buffer[] = []
      let from = 0
      for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
        lines.push(mark(bytes.subarray(from, end + 1)))
        from = end + 1
      }
      rest = bytes.subarray(from)
      if (rest.length > MAX_LINE) {
        lines.push(mark(rest), Buffer.from('\n'))
        rest = Buffer.alloc(0)
      }
      done(null, lines.length > 0 ? Buffer.concat(lines) : undefined)
    },
    flush(done) {
      done(null, rest.length > 0 ? Buffer.concat([mark(rest), Buffer.from('\n')]) : undefined)
    },
  })
}
