/** The event can never be appended as it is: `code` says why. */
export class RefusedEvent extends Error {
  override name = 'RefusedEvent'
  code: 'oversize' | 'invalid'
  constructor(code: 'oversize' | 'invalid', message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** More is waiting to be appended than this process may hold: try again later. */
export class Overloaded extends Error {
  override name = 'Overloaded'
  code = 'throttled' as const
}
