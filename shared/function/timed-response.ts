import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http'

/**
 * An answer whose head says how long the call took, in seconds, as of-watchdog's does. A class, for Node makes the
 * answers itself and its head is not to be had in any other way just before it is sent.
 */
export class TimedResponse<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  readonly began = performance.now()

  override writeHead(status: number, ...rest: unknown[]): this {
    const given = rest.at(-1)
    const seconds = ((performance.now() - this.began) / 1000).toFixed(6)
    // Copied, for some give the same headers with every answer; behind the new one, which is 2 µs cheaper.
    const headers = { 'X-Duration-Seconds': seconds, ...(typeof given === 'object' ? given : {}) }
    return super.writeHead(status, headers as OutgoingHttpHeaders)
  }
}
