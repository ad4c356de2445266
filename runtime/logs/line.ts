/** One line of a function's log. */
export interface LogLine {
  /** Unset where the line was not written by a replica. */
  at: Date | undefined
  /** The process that wrote it. */
  pid: number | undefined
  text: string
}

const MARKED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\d+) /

/** What stands before each line of a replica in its log file. */
export const markOf = (at: Date, pid: number): string => `${at.toISOString()} ${pid} `

/** Reads a line of a log file. */
export const readLine = (line: string): LogLine => {
  const [mark = '', at, pid] = MARKED.exec(line) ?? []
  return { at: at ? new Date(at) : undefined, pid: pid ? Number(pid) : undefined, text: line.slice(mark.length) }
}
