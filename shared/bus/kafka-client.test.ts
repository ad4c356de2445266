import { expect, it } from '@jest/globals'
import { pino } from 'pino'
import { errorType, kafkaClients } from './kafka-client.ts'

const clients = (url: string, secrets: Record<string, string> = {}) =>
  kafkaClients({ url, secret: (name) => secrets[name], log: pino({ level: 'silent' }) })
const error = (name: string, message: string, fields: object = {}) =>
  Object.assign(new Error(message), { name, ...fields })

it('finds the word of the protocol below whatever wraps it', () => {
  const inner = error('KafkaJSProtocolError', 'too large', { type: 'MESSAGE_TOO_LARGE' })
  expect(
    errorType(error('KafkaJSNonRetriableError', 'x', { cause: error('KafkaJSError', 'y', { cause: inner }) })),
  ).toBe('MESSAGE_TOO_LARGE')
  expect(errorType(new Error('none'))).toBeUndefined()
  expect(errorType(undefined)).toBeUndefined()
})

it('tells a broker that is away from one that refuses, and names the servers', () => {
  const { fault } = clients('kafka://h1:9092,h2:9092')
  expect(fault(error('KafkaJSConnectionError', 'Connection error: connect ECONNREFUSED'))).toMatchObject({
    name: 'BusUnavailable',
    message: expect.stringMatching(/kafka h1:9092,h2:9092 .*ECONNREFUSED/),
  })
  const denied = error('KafkaJSProtocolError', 'Not authorized', { type: 'TOPIC_AUTHORIZATION_FAILED' })
  expect(fault(denied)).toMatchObject({
    name: 'ConfigurationError',
    message: expect.stringContaining('Not authorized'),
  })
  const own = new Error('of our own')
  expect(fault(own)).toBe(own)
})

it('refuses SASL without a user, before anything is connected', () => {
  expect(() => clients('kafka://h?sasl=plain')).toThrow(/bus-username and bus-password/)
  expect(() => clients('kafka://h?sasl=plain', { 'bus-username': 'u', 'bus-password': 'p' })).not.toThrow()
})
