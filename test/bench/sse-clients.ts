import { Agent, get, type IncomingMessage } from 'node:http'

/** A crowd of clients of one event stream. */
export interface Crowd {
  /** Resolves to the instant, in milliseconds of the real time, at which the last client heard of that state. */
  heard(segment: string): Promise<number>
  close(): void
}

/** Opens so many event streams; resolves when each of them is open. */
export async function openCrowd(url: string, clients: number): Promise<Crowd> {
  const agent = new Agent({ maxSockets: clients })
  const waiting = new Map<string, { left: Set<number>; done: (at: number) => void }>()
  const streams = await Promise.all(Array.from({ length: clients }, (_, client) => openStream(client)))

  function openStream(client: number): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      get(`${url}/api/events`, { agent }, (stream) => {
        if (stream.statusCode !== 200) reject(new Error(`client ${client} was answered with ${stream.statusCode}`))
        let rest = ''
        stream.setEncoding('utf8')
        stream.on('data', (text: string) => {
          const messages = (rest + text).split('\n\n')
          rest = messages.pop() ?? ''
          for (const message of messages) tell(client, message)
        })
        stream.once('data', () => resolve(stream))
      }).on('error', reject)
    })
  }

  function tell(client: number, message: string): void {
    const [, segment = ''] = /"segment":"([^"]+)"/.exec(message) ?? []
    const wait = waiting.get(segment)
    if (!wait?.left.delete(client) || wait.left.size > 0) return
    waiting.delete(segment)
    wait.done(Date.now())
  }

  return {
    heard: (segment) =>
      new Promise((done) => {
        waiting.set(segment, { left: new Set(streams.keys()), done })
      }),
    close: () => agent.destroy(),
  }
}
