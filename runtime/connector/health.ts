import type { Logger } from 'pino'

/** Whether the connector itself is well, apart from the functions it calls. */
export interface Health {
  readonly ready: boolean
  readonly error: string | undefined
  failed(error: unknown): void
  well(): void
}

/** Well where all parts are; it tells of the first fault. */
export const wholeHealth = (parts: Health[]): Pick<Health, 'ready' | 'error'> => ({
  get ready() {
    return parts.every((part) => part.ready)
  },
  get error() {
    return parts.find((part) => part.error !== undefined)?.error
  },
})

/** Not ready until its first look at the log; a fault is logged once, not at every try. */
export function connectorHealth(log: Logger): Health {
  let ready = false
  let error: string | undefined
  return {
    get ready() {
      return ready
    },
    get error() {
      return error
    },
    failed(cause) {
      const message = (cause as { message?: unknown })?.message
      const text = typeof message === 'string' ? message : String(cause)
      if (text !== error)
        log.error({ alarm: 'connector_not_ready', err: cause }, `the connector cannot work, it tries on: ${text}`)
      ready = false
      error = text
    },
    well() {
      if (error !== undefined) log.info('the connector works again')
      ready = true
      error = undefined
    },
  }
}
