import { ConfigurationError } from '#shared/configuration-error.ts'

/** The medium has no topic of that name: perhaps who writes it will make it. */
export class NoSuchTopic extends ConfigurationError {
  override name = 'NoSuchTopic'
  topic: string
  constructor(topic: string, where: string) {
    super(`there is no topic ${topic} ${where}`)
    this.topic = topic
  }
}

/** The event can never be appended as it is: `code` says why. */
export class RefusedEvent extends Error {
  override name = 'RefusedEvent'
  code: 'oversize' | 'invalid'
  constructor(code: 'oversize' | 'invalid', message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** A position that the log cannot serve: retention has gone past it, or the log is not the one it was taken from. */
export class PositionOutOfRange extends Error {
  override name = 'PositionOutOfRange'
}

/** More is waiting to be appended than this process may hold: try again later. */
export class Overloaded extends Error {
  override name = 'Overloaded'
  code = 'throttled' as const
}

/** The broker cannot be reached, or did not answer in time: nobody's event is at fault. */
export class BusUnavailable extends Error {
  override name = 'BusUnavailable'
  code = 'transient' as const
}
