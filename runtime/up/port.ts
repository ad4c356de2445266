import { createServer } from 'node:net'
import { portHolder } from '../gateway/port-holder.ts'
import { UserError } from '../user-error.ts'

/** Why a port cannot be listened on and what to do; undefined when it can. Names the holder of a busy one. */
export const portFault = async (host: string, port: number): Promise<{ text: string; fix: string } | undefined> => {
  const code = await new Promise<string | undefined>((done) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => done(undefined)))
  })
  if (code === undefined) return undefined
  if (code === 'EADDRINUSE') {
    const holder = (await portHolder(port)) ?? 'a process of another user'
    return { text: `port ${port} is in use by ${holder}`, fix: 'stop it, or choose another --port' }
  }
  if (code === 'EACCES') return { text: `port ${port} needs more rights`, fix: 'choose a --port above 1023' }
  return { text: `${host}:${port} cannot be listened on (${code})`, fix: 'choose another --host or --port' }
}

/** Fails early, before anything is started, when a port cannot be listened on. */
export const checkPort = async (host: string, port: number): Promise<void> => {
  const fault = await portFault(host, port)
  if (fault !== undefined) throw new UserError(`${fault.text}: ${fault.fix}`)
}
