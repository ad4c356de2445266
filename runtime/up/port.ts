import { createServer } from 'node:net'
import { portHolder } from '../gateway/port-holder.ts'
import { UserError } from '../user-error.ts'

/** Fails early, before anything is started, when a port cannot be listened on; names the holder of a busy one. */
export const checkPort = async (host: string, port: number): Promise<void> => {
  const code = await new Promise<string | undefined>((done) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => done(undefined)))
  })
  if (code === undefined) return
  if (code === 'EADDRINUSE') {
    const holder = (await portHolder(port)) ?? 'a process of another user'
    throw new UserError(`port ${port} is in use by ${holder}: stop it, or choose another --port`)
  }
  if (code === 'EACCES') throw new UserError(`port ${port} needs more rights: choose a --port above 1023`)
  throw new UserError(`${host}:${port} cannot be listened on (${code}): choose another --host or --port`)
}
