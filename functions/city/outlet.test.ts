import { describe, expect, it } from '@jest/globals'
import { openOutlet } from './outlet.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const rest = (body: ReadableStream<Uint8Array>) => new Response(body).text()

describe('openOutlet', () => {
  it('gives what was sent, in order, and ends', async () => {
    const outlet = openOutlet(100)
    outlet.send(bytes('a'))
    outlet.send(bytes('b'))
    outlet.end(bytes('c'))
    expect(await rest(outlet.body)).toBe('abc')
  })

  it('wakes a reader that waits', async () => {
    const outlet = openOutlet(100)
    const reader = outlet.body.getReader()
    const read = reader.read()
    outlet.send(bytes('late'))
    expect((await read).value).toEqual(bytes('late'))
  })

  it('drops a reader that is too far behind, with all that was kept for it', async () => {
    const outlet = openOutlet(10)
    expect(outlet.send(bytes('1234567890'))).toBe(true)
    expect(outlet.send(bytes('x'))).toBe(false)
    expect(outlet.closed.aborted).toBe(true)
    expect(await rest(outlet.body)).toBe('')
  })

  it('counts only what is not taken yet', async () => {
    const outlet = openOutlet(10)
    const reader = outlet.body.getReader()
    for (let i = 0; i < 5; i++) {
      expect(outlet.send(bytes('1234567890'))).toBe(true)
      await reader.read()
    }
  })

  it('tells when the reader is gone', async () => {
    const outlet = openOutlet(10)
    const reader = outlet.body.getReader()
    const pending = reader.read()
    await reader.cancel()
    expect(await pending).toEqual({ done: true, value: undefined })
    expect(outlet.closed.aborted).toBe(true)
    expect(outlet.send(bytes('x'))).toBe(false)
  })

  it('tells when everything is taken', async () => {
    const outlet = openOutlet(10)
    outlet.send(bytes('a'))
    let taken = false
    const waiting = outlet.taken().then(() => {
      taken = true
    })
    expect(taken).toBe(false)
    const reader = outlet.body.getReader()
    await reader.read()
    void reader.read()
    await waiting
    expect(taken).toBe(true)
  })
})
