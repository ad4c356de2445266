import type { FeedProgress } from './feed.ts'

const QUIET_MS = 10_000
const LIVELY_MS = 200

const count = (n: number): string => n.toLocaleString('en-US')

/** `2012-03-01 08:25Z  12,345 readings  83/s  1 min behind`. */
const progressLine = ({ at, accepted, refused, retries, rate, behindMs, history }: FeedProgress): string =>
  [
    at === undefined ? 'waiting' : `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`,
    `${count(accepted)} readings`,
    `${count(Math.round(rate))}/s`,
    behindMs < 60_000 ? 'on time' : `${count(Math.round(behindMs / 60_000))} min of city time behind`,
    ...(history === undefined ? [] : [`${Math.floor(history * 100)} % of the past days`]),
    ...(refused > 0 ? [`${count(refused)} refused`] : []),
    ...(retries > 0 ? [`${count(retries)} retries`] : []),
  ].join('  ')

/** What is said at the end. */
export const summaryLine = (progress: FeedProgress, tookMs: number): string =>
  [
    `the feed has ended: ${progressLine(progress)}  in ${count(Math.round(tookMs / 1000))} s`,
    ...(progress.skipped > 0 ? [`${count(progress.skipped)} steps lay before the city clock and were left out`] : []),
    ...(progress.firstRefusal === undefined ? [] : [`first refusal: ${progress.firstRefusal}`]),
  ].join('\n')

/** Where progress goes: on a terminal one line written over and over, elsewhere a line every ten seconds. */
export interface ProgressOutput {
  isTTY?: boolean | undefined
  write(text: string): unknown
}

/** Prints progress as often as is useful there. */
export const progressPrinter = (out: ProgressOutput) => {
  let last = Number.NEGATIVE_INFINITY
  let open = false
  return {
    show(progress: FeedProgress) {
      if (performance.now() - last < (out.isTTY ? LIVELY_MS : QUIET_MS)) return
      last = performance.now()
      open = out.isTTY === true
      out.write(open ? `\r\x1b[K${progressLine(progress)}` : `${progressLine(progress)}\n`)
    },
    end(text: string) {
      out.write(`${open ? '\r\x1b[K' : ''}${text}\n`)
    },
  }
}
