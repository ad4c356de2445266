/** Why a document was refused: unreadable (`decode`) or readable but not allowed (`invalid`). */
export class JsonError extends Error {
  override readonly name = 'JsonError'
  readonly code: 'decode' | 'invalid'
  /** The message without the position. */
  readonly reason: string
  /** Byte offset of the fault, where it is known. */
  readonly position: number | undefined
  /** JSON pointer to the fault. */
  readonly path: string

  constructor(code: 'decode' | 'invalid', reason: string, position: number | undefined, path = '') {
    super(position ? `${reason} (at byte ${position})` : reason)
    this.code = code
    this.reason = reason
    this.position = position
    this.path = path
  }
}
