/** The body of one answer that is written to as events come, at the pace of whoever writes. */
export interface Outlet {
  body: ReadableStream<Uint8Array>
  /** False when the reader is too far behind: nothing was kept, and the outlet is closed. */
  send(chunk: Uint8Array): boolean
  /** Resolves when the reader has taken everything, or is gone. */
  taken(): Promise<void>
  /** Ends the body behind what was sent. */
  end(chunk?: Uint8Array): void
  /** Aborted when the body has ended or its reader is gone. */
  closed: AbortSignal
}

/** Opens an outlet whose reader may be at most `limit` bytes behind. */
export function openOutlet(limit: number): Outlet {
  const closing = new AbortController()
  let waiting: Uint8Array[] = []
  let bytes = 0
  let wake = () => {}
  let onTaken = () => {}
  let gone = false

  const close = () => {
    closing.abort()
    wake()
    onTaken()
  }
  const push = (chunk: Uint8Array) => {
    waiting.push(chunk)
    bytes += chunk.byteLength
    wake()
  }
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (waiting.length === 0 && !closing.signal.aborted) {
          onTaken()
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        const chunk = waiting.shift()
        if (chunk) {
          bytes -= chunk.byteLength
          controller.enqueue(chunk)
        } else if (!gone) controller.close()
      },
      cancel() {
        gone = true
        waiting = []
        close()
      },
    },
    { highWaterMark: 0 },
  )
  return {
    body,
    closed: closing.signal,
    send(chunk) {
      if (closing.signal.aborted) return false
      if (bytes + chunk.byteLength > limit) {
        waiting = []
        close()
        return false
      }
      push(chunk)
      return true
    },
    async taken() {
      if (waiting.length === 0 || closing.signal.aborted) return
      await new Promise<void>((resolve) => {
        onTaken = resolve
      })
    },
    end(chunk) {
      if (closing.signal.aborted) return
      if (chunk) push(chunk)
      close()
    },
  }
}
