import type { FieldError } from '#shared/contracts/problem.ts'

/** The request as a whole is answered with this status and problem. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: 400 | 403 | 413 | 415
  readonly code: string
  readonly errors: FieldError[] | undefined

  constructor(status: 400 | 403 | 413 | 415, code: string, message: string, errors?: FieldError[]) {
    super(message)
    this.status = status
    this.code = code
    this.errors = errors
  }
}
