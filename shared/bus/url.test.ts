import { describe, expect, it } from '@jest/globals'
import { busName, readBusUrl } from './url.ts'

describe('a BUS_URL', () => {
  it.each([
    ['postgres://', { scheme: 'postgres', servers: [], tls: false }, 'postgres'],
    ['postgres://junction@db/junction', { scheme: 'postgres', servers: [], tls: false }, 'postgres'],
    [
      'kafka://h1,h2:9093?tls=true&sasl=scram-sha-512',
      { scheme: 'kafka', servers: ['h1:9092', 'h2:9093'], tls: true, sasl: 'scram-sha-512' },
      'kafka h1:9092,h2:9093',
    ],
    ['nats://[::1]:4223/', { scheme: 'nats', servers: ['[::1]:4223'], tls: false }, 'nats [::1]:4223'],
  ])('%s is read', (text, expected, name) => {
    expect(readBusUrl(text)).toEqual(expected)
    expect(busName(readBusUrl(text))).toBe(name)
  })

  it.each([
    ['kafka://ann:s3cr3t@h1:9092', /bus-username and bus-password of SECRETS_DIR/],
    ['kafka://ann:s3cr3t@?/@h1:9092', /bus-username and bus-password/],
    ['kafka://h1:9092,ann:s3cr3t@h2', /bus-username and bus-password/],
    ['nats://s3cr3t@h1', /nats-creds/],
    ['postgres://junction:s3cr3t@db/junction', /database-password/],
    ['s3cr3t', /must begin with postgres:/],
    ['amqp://s3cr3t', /must begin with postgres:/],
    ['kafka://', /host:port/],
    ['kafka://h1:99999', /host:port/],
    ['kafka://h1?tls=yes', /tls must be true or false/],
    ['kafka://h1?sasl=gssapi', /sasl must be plain, scram-sha-256, scram-sha-512/],
    ['kafka://h1?tls=true&tls=false', /tls stands there twice/],
    ['kafka://h1?acks=0', /unknown parameter "acks"; known for kafka: tls, sasl/],
    ['nats://h1?sasl=plain', /unknown parameter "sasl"; known for nats: tls/],
  ])('%s is refused, without a word of what may be a secret', (text, message) => {
    const read = () => readBusUrl(text)
    expect(read).toThrow(message)
    expect(read).toThrow(expect.not.objectContaining({ message: expect.stringContaining('s3cr3t') }))
    expect(read).toThrow(expect.objectContaining({ code: 'configuration' }))
  })
})
