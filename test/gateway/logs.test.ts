import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { type Fixture, functionSource, startFixture, until } from './fixture.ts'

const talks = functionSource(`(request, response) => {
  console.log(decodeURIComponent(request.url.slice(1)))
  response.end(String(process.pid))
}`)

let fixture: Fixture
let base: string
beforeAll(async () => {
  fixture = await startFixture({ functions: { talks, silent: talks, old: talks } })
  base = fixture.gateway.url
})
afterAll(async () => {
  await fixture.stop()
  expect(fixture.errors).toEqual([])
})

interface Message {
  name: string
  namespace: string
  instance: string
  timestamp: string
  text: string
}

const parse = (text: string): Message[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Message)
const read = async (query: string) => parse(await (await fetch(`${base}/system/logs?${query}`)).text())
const say = async (name: string, text: string) =>
  (await fetch(`${base}/function/${name}/${encodeURIComponent(text)}`)).text()

/** Follows a log; what came so far. */
const follow = async (query: string) => {
  const messages: Message[] = []
  const response = await new Promise<IncomingMessage>((resolve) =>
    get(`${base}/system/logs?follow=true&${query}`, { agent: false }, resolve),
  )
  let rest = ''
  let ended = false
  response.on('data', (chunk) => {
    const text = rest + chunk
    const end = text.lastIndexOf('\n') + 1
    rest = text.slice(end)
    messages.push(...parse(text.slice(0, end)))
  })
  response.on('close', () => {
    ended = true
  })
  return { messages, response, ended: () => ended }
}

it('tells who wrote a line and when, and gives the last ones, or those of a time or a replica', async () => {
  const before = new Date().toISOString()
  const pid = await say('talks', 'one')
  await until('one is written', async () => (await read('name=talks')).length === 1)
  await say('talks', '{"msg":"two"}')
  await until('two is written', async () => (await read('name=talks')).length === 2)
  const [one, two] = (await read('name=talks&tail=-1&follow=false')) as [Message, Message]
  expect(one).toEqual({
    ...{ name: 'talks', namespace: 'openfaas-fn', instance: `talks-${pid}`, text: 'one' },
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  })
  expect(one.timestamp >= before && one.timestamp <= two.timestamp).toBe(true)
  expect((await read('name=talks&tail=1')).map(({ text }) => text)).toEqual(['{"msg":"two"}'])
  expect(await read(`name=talks.openfaas-fn&since=${two.timestamp}&namespace=openfaas-fn`)).toContainEqual(two)
  expect(await read(`name=talks&instance=talks-${pid}`)).toHaveLength(2)
  expect(await read('name=talks&instance=talks-1')).toEqual([])
})

it('goes on with what comes, through a rotation, line by line, until the client goes', async () => {
  const followed = await follow('name=silent&tail=0')
  expect(followed.response.headers['content-type']).toBe('application/x-ndjson')
  await say('silent', 'first words')
  await until('the first line', () => followed.messages.length === 1)
  const file = join(fixture.logDir, 'silent.log')
  renameSync(file, `${file}.1`)
  appendFileSync(`${file}.1`, 'written late\n')
  writeFileSync(file, 'after the rotation\n')
  await until('all lines', () => followed.messages.length === 3)
  expect(followed.messages.map(({ text }) => text)).toEqual(['first words', 'written late', 'after the rotation'])
  expect(followed.ended()).toBe(false)
  followed.response.destroy()
  await until('counted', async () =>
    /provider_http_requests_total\{code="200",method="GET",path="\/system\/logs"\} \d/.test(
      await (await fetch(`${base}/metrics`)).text(),
    ),
  )
})

it('begins with the older file, whose lines may be without marks', async () => {
  mkdirSync(fixture.logDir, { recursive: true })
  writeFileSync(join(fixture.logDir, 'old.log.1'), '2012-03-01T08:00:00.000Z 7 marked\nnot marked\n')
  writeFileSync(join(fixture.logDir, 'old.log'), '2012-03-01T08:00:01.000Z 8 newer\nnot whole')
  expect(await read('name=old')).toEqual([
    expect.objectContaining({ text: 'marked', instance: 'old-7', timestamp: '2012-03-01T08:00:00.000Z' }),
    expect.objectContaining({ text: 'not marked', instance: 'old', timestamp: '2012-03-01T08:00:00.000Z' }),
    expect.objectContaining({ text: 'newer', instance: 'old-8' }),
  ])
})

it('ends for those who follow when the gateway closes, at once', async () => {
  const own = await startFixture({ functions: { talks } })
  base = own.gateway.url
  const followed = await follow('name=talks')
  const began = performance.now()
  await own.gateway.close(20_000)
  expect(performance.now() - began).toBeLessThan(20_000)
  await until('its end', followed.ended)
  base = fixture.gateway.url
  await own.stop()
})
