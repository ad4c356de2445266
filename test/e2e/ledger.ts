import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'

/** What was about to be sent, on disk before it was. */
export interface Ledger {
  ids: Set<string>
  /** Durable when it returns. */
  write(ids: string[]): void
  close(): void
}

/** Opens a ledger file. */
export function openLedger(file: string): Ledger {
  const handle = openSync(file, 'a')
  const ids = new Set<string>()
  return {
    ids,
    write(more) {
      for (const id of more) ids.add(id)
      writeSync(handle, `${more.join('\n')}\n`)
      fsyncSync(handle)
    },
    close: () => closeSync(handle),
  }
}
