/** One request as it goes over the wire, and what has to come back. */
export interface Step {
  /** The command that sends it. */
  command: string
  method: string
  path: string
  headers?: Record<string, string>
  body?: string
  status: number
  /** Those that matter. */
  answerHeaders?: Record<string, string | RegExp>
  /** The whole body: as JSON, where regular expressions stand for texts, or as text. */
  json?: unknown
  text?: string | RegExp
  /** Asked again until this is the answer: what was accepted takes effect a little later. */
  eventually?: true
}

/** Where functions live, and where a request says so. */
export interface Place {
  namespace: string
  /** `nowhere` is for the default namespace alone. */
  said: 'nowhere' | 'query' | 'body'
}

/** The path of a request about a namespace: reading ones say it in the query, the others where the place says. */
export const pathIn = ({ namespace, said }: Place, path: string, reads = false): string => {
  if (said === 'nowhere' || (said === 'body' && !reads)) return path
  return `${path}${path.includes('?') ? '&' : '?'}namespace=${namespace}`
}

/** What goes into a body after the key before it. */
export const inBody = ({ namespace, said }: Place): string => (said === 'body' ? `,"namespace":"${namespace}"` : '')
