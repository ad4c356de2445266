import { describe, expect, it } from '@jest/globals'
import { headers, type Msg } from '@nats-io/transport-node'
import { readHeaders } from './nats-headers.ts'

const held = (text: string, before = 'rest of another message') => {
  const bytes = Buffer.from(`${before}${text}{"data":"Not: a header"}`)
  return {
    _rdata: bytes.subarray(Buffer.byteLength(before)),
    _msg: { hdr: Buffer.byteLength(text) },
    get headers(): never {
      throw new Error('the library reads them')
    },
  } as unknown as Msg
}

describe('the headers of a message of NATS', () => {
  it('are read from its bytes: names in small letters, the first value of each', () => {
    const text =
      'NATS/1.0\r\nCe-Id: a:1\r\nce-source:/x\r\nce-subject:  é 🚦 \r\nno header\r\nCE-ID: other\r\nempty:\r\n\r\n'
    expect([...readHeaders(held(text))]).toEqual([
      ['ce-id', 'a:1'],
      ['ce-source', '/x'],
      ['ce-subject', 'é 🚦'],
      ['empty', ''],
    ])
  })

  it.each([
    ['a status alone', 'NATS/1.0 404 No Messages\r\n\r\n'],
    ['no end of a line', 'NATS/1.0'],
    ['nothing', ''],
  ])('may be %s', (_what, text) => {
    expect(readHeaders(held(text)).size).toBe(0)
  })

  it('are what the library says where its messages hold no such bytes', () => {
    const all = headers()
    all.append('Ce-Id', 'a:1')
    all.append('Ce-Id', 'other')
    expect([...readHeaders({ headers: all })]).toEqual([['ce-id', 'a:1']])
    expect(readHeaders({} as Msg).size).toBe(0)
  })
})
