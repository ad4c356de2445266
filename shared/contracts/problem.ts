/** Media type of an RFC 9457 error body. */
export const PROBLEM_JSON = 'application/problem+json'

/** One fault of the input: a JSON pointer (RFC 6901) to the place and what is wrong there. */
export interface FieldError {
  path: string
  message: string
}

/** Why something that was sent cannot be taken. */
export interface Fault {
  code: string
  message: string
  errors: FieldError[]
}

/** The body of every error answer (RFC 9457), with Junction's `code`. */
export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  /** The call's `X-Call-Id`. */
  instance?: string
  code: string
  traceId?: string
  errors?: FieldError[]
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}

const MAX_ERRORS = 20
const MAX_ECHO = 64

/** A piece of the caller's input as an error may show it: escaped, at most 64 characters. */
export const echo = (input: unknown): string => {
  const text = typeof input === 'string' ? input : String(input)
  const cut = text.length > MAX_ECHO - 2 ? `${text.slice(0, MAX_ECHO - 3)}…` : text
  const escaped = JSON.stringify(cut)
  return escaped.length > MAX_ECHO ? `${escaped.slice(0, MAX_ECHO - 1)}…` : escaped
}

/** A key as one step of a JSON pointer, cut like every echo of input. */
export const pointerStep = (key: string): string => {
  const cut = key.length > MAX_ECHO ? `${key.slice(0, MAX_ECHO - 1)}…` : key
  return `/${cut.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** Builds a problem body; the type is `about:blank`, so the title is the status's own (RFC 9457, 4.2.1). */
export const problem = (status: number, code: string, more: Partial<Problem> = {}): Problem => {
  const body: Problem = { type: 'about:blank', title: TITLES[status] ?? 'Error', status, ...more, code }
  if (body.errors && body.errors.length > MAX_ERRORS) {
    const rest = body.errors.length - MAX_ERRORS
    body.errors = [...body.errors.slice(0, MAX_ERRORS), { path: '', message: `${rest} more errors` }]
  }
  return body
}
