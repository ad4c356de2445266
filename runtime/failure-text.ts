/** Errors whose message tells a user what to do. */
const SPEAKING = [
  'UserError',
  'DatasetError',
  'ModelError',
  'NoOnnxRuntime',
  'FrontDoorError',
  'KeeperError',
  'PortBusyError',
  'ConfigurationError',
  'NoSuchTopic',
  'SchemaError',
  'StackError',
  'DatabaseUnavailable',
]

/** What the system may refuse to anybody, and what to do then. */
const REFUSALS: Record<string, string> = {
  ENOSPC:
    'the disk is full: free some of it, or choose a folder on another one ("junction doctor" shows how much is left)',
  EDQUOT: 'the disk quota is used up: free some of it, or choose a folder elsewhere',
  EACCES: 'this user may not: run as the user it belongs to, or choose another folder',
  EPERM: 'this user may not: run as the user it belongs to, or choose another folder',
  EROFS: 'it can only be read: choose a folder elsewhere',
  ENOTDIR: 'a part of that path is a file: choose another folder',
  EEXIST: 'there is a file of that name: choose another folder',
  EMFILE: 'too many files are open: raise the limit ("ulimit -n 65536")',
}

/** PostgreSQL's word for a statement that took longer than it may. */
const CANCELED = '57014'

/** One line for an error a user can act on; anything else is ours and needs its stack. */
export const failureText = (error: NodeJS.ErrnoException): string => {
  if (SPEAKING.includes(error.name)) return error.message
  if (error.code === CANCELED) return `PostgreSQL took too long, try again when it has less to do: ${error.message}`
  const refusal = error.syscall === undefined ? undefined : REFUSALS[error.code ?? '']
  if (refusal !== undefined) return `${error.path ?? error.message}: ${refusal}`
  return error.stack ?? String(error)
}
