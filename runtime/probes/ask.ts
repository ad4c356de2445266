import { get } from 'node:http'

/** Sends one probe; says why it failed, or nothing. Its answer counts by the status: 200 to 399 is well, a body is cut off unread. */
export const askProbe = (socketPath: string, path: string, timeoutMs: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const request = get({ socketPath, path, agent: false, headers: { 'user-agent': 'junction-probe' } }, (response) => {
      const status = response.statusCode ?? 0
      end(status >= 200 && status < 400 ? undefined : `answered ${status}`)
    })
    // An answer in time may lie unread where this process was busy: one turn, and it shows itself.
    const late = () => setImmediate(() => end(`gave no answer within ${timeoutMs} ms`))
    const timer = setTimeout(late, timeoutMs)
    const end = (fault: string | undefined): void => {
      clearTimeout(timer)
      resolve(fault)
      request.destroy()
    }
    request.on('error', (error: NodeJS.ErrnoException) => end(`failed (${error.code ?? error.message})`))
  })
