import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { freePort } from '../ports.ts'
import { echoed, peakMemory, runs, startWatchdog, until, type WatchdogProcess } from './start.ts'

let watchdog: WatchdogProcess
afterEach(() => watchdog.stop())

/** Starts a watchdog before a server written in JavaScript: `handle` answers (request, response). */
const startServer = async (handle: string, env: Record<string, string> = {}, ready = true) => {
  const folder = mkdtempSync(join(tmpdir(), 'junction-watchdog-'))
  const file = join(folder, 'server.cjs')
  writeFileSync(
    file,
    `const fs = require('node:fs')
fs.writeFileSync(__dirname + '/pid', String(process.pid))
console.log('listening on ' + process.env.PORT)
require('node:http').createServer(${handle}).listen(Number(process.env.PORT), '127.0.0.1')\n`,
  )
  watchdog = await startWatchdog({ fprocess: `${process.execPath} ${file}`, mode: 'http', ...env }, { folder, ready })
}

const pid = () => Number(readFileSync(join(watchdog.folder, 'pid'), 'utf8'))

const echo = `(request, response) => {
  let body = ''
  request.on('data', (data) => { body += data })
  request.on('end', () => {
    response.writeHead(207, { 'X-Mine': 'yes', 'Set-Cookie': ['a=1', 'b=2'], Location: '/elsewhere' })
    const { method, url, rawHeaders } = request
    response.end(JSON.stringify({ method, url, rawHeaders, body, pid: process.pid }))
  })
}`

describe('mode=http', () => {
  it('hands calls unharmed to one process, on a port of its own', async () => {
    await startServer(echo)
    const headers = { Host: 'f.example', 'X-Two': 'Zwei', 'Content-Type': 'text/csv', 'Content-Length': '2' }
    const answer = await watchdog.call('/a%2Fb?x=%20', { method: 'PATCH', headers, body: 'ab' })
    expect(answer.status).toBe(207)
    expect(answer.headers).toMatchObject({ 'x-mine': 'yes', 'set-cookie': ['a=1', 'b=2'], location: '/elsewhere' })
    expect(answer.headers['x-duration-seconds']).toMatch(/^\d+\.\d{6}$/)
    const seen = JSON.parse(answer.body)
    expect(seen).toMatchObject({ method: 'PATCH', url: '/a%2Fb?x=%20', body: 'ab' })
    expect(seen.rawHeaders).toEqual(expect.arrayContaining(['Host', 'f.example', 'X-Two', 'Zwei', 'text/csv']))
    expect(JSON.parse((await watchdog.call()).body).pid).toBe(seen.pid)
    expect(watchdog.log()).toMatch(/^\S+ \S+ stdout: listening on \d+$/m)
  })

  it('puts the port where a command line says $PORT', async () => {
    watchdog = await startWatchdog({ fprocess: 'python3 -m http.server --bind 127.0.0.1 $PORT', mode: 'http' })
    const answer = await watchdog.call('/package.json', { method: 'GET' })
    expect([answer.status, JSON.parse(answer.body).name]).toEqual([200, 'junction'])
  })

  it.each([
    ['099 Odd', 502],
    ['000 Odd', 502],
    ['200 O\\u0001dd', 502],
    ['218 Odd', 218],
  ])('answers %j of its program with %d, and goes on', async (line, status) => {
    await startServer(`(request, response) => {
      if (request.url === '/plain') return response.end('plain')
      request.socket.end('HTTP/1.1 ${line}\\r\\nConnection: close\\r\\nContent-Length: 3\\r\\n\\r\\nodd')
    }`)
    expect((await watchdog.call()).status).toBe(status)
    expect((await watchdog.call('/plain')).body).toBe('plain')
  })

  it('passes large bodies both ways in bounded memory, and waits for slow answers', async () => {
    const handle = `(request, response) => {
      if (request.url === '/slow') return setTimeout(() => response.end('slow'), 1_500)
      request.pipe(response)
    }`
    await startServer(handle)
    const slow = watchdog.call('/slow')
    const size = await echoed(watchdog.socketPath, 300)
    expect(size).toBe(300 << 20)
    expect(peakMemory(watchdog.child.pid as number)).toBeLessThan(256)
    // Longer than an idle connection is kept.
    expect((await slow).body).toBe('slow')
  })

  it('asks ready_path of the program', async () => {
    const handle = `(request, response) => {
      response.statusCode = fs.existsSync(__dirname + '/go') ? 200 : 503
      response.end(request.url)
    }`
    await startServer(handle, { ready_path: '/healthz' }, false)
    await until('it answers', async () => (await watchdog.call('/_/ready').catch(() => undefined))?.body === '/healthz')
    expect((await watchdog.call('/_/ready')).status).toBe(503)
    writeFileSync(join(watchdog.folder, 'go'), '')
    expect((await watchdog.call('/_/ready')).status).toBe(200)
  })

  it('gives up with 504', async () => {
    await startServer('() => {}', { exec_timeout: '200ms' })
    expect((await watchdog.call()).status).toBe(504)
  })

  it('breaks off with the program', async () => {
    await startServer(`(request, response) => { response.write('half'); setTimeout(() => process.exit(7), 50) }`)
    const answer = await watchdog.call()
    expect([answer.status, answer.body, answer.broken]).toEqual([200, 'half', true])
    expect(await watchdog.exited).toBe(1)
    expect(watchdog.log()).toContain('The watchdog ends: the program ended with exit code 7.')
  })

  it('answers 502 for a program that ends without an answer', async () => {
    await startServer('() => process.exit(7)')
    const answer = await watchdog.call()
    expect([answer.status, answer.headers['x-openfaas-internal']]).toEqual([502, 'of-watchdog'])
  })

  it('ends the program after the calls in flight', async () => {
    const handle = `(request, response) => {
      fs.writeFileSync(__dirname + '/begun', '')
      const poll = () => (fs.existsSync(__dirname + '/go') ? response.end('done') : setTimeout(poll, 10))
      poll()
    }`
    await startServer(handle)
    const call = watchdog.call()
    await until('it has begun', () => exists('begun'))
    watchdog.child.kill('SIGTERM')
    await until('it is not healthy', async () => (await watchdog.call('/_/health')).status === 503)
    writeFileSync(join(watchdog.folder, 'go'), '')
    expect((await call).body).toBe('done')
    expect(await watchdog.exited).toBe(0)
    expect(runs(pid())).toBe(false)
  })

  it('leaves no process behind when it is killed', async () => {
    await startServer(echo)
    expect(runs(pid())).toBe(true)
    watchdog.child.kill('SIGKILL')
    await until('it is gone', () => !runs(pid()))
  })

  it('takes nobody else on the port of upstream_url for its program', async () => {
    const port = await freePort()
    const other = createServer((_request, response) => response.end('other')).listen(port, '127.0.0.1')
    await until('it listens', () => other.listening)
    await startServer(echo, { upstream_url: `http://127.0.0.1:${port}` }, false)
    expect(await watchdog.exited).toBe(1)
    expect(watchdog.log()).toContain('already listens on')
    // Free again, it is the program's.
    await new Promise((done) => other.close(done))
    await watchdog.stop()
    await startServer(echo, { upstream_url: `http://127.0.0.1:${port}` })
    expect((await watchdog.call()).status).toBe(207)
  })
})

const exists = (name: string): boolean => {
  try {
    readFileSync(join(watchdog.folder, name))
    return true
  } catch {
    return false
  }
}
