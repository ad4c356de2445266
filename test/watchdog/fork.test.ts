import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { echoed, isAsleep, peakMemory, program, runs, startWatchdog, until, type WatchdogProcess } from './start.ts'

let watchdog: WatchdogProcess
afterEach(() => watchdog.stop())

const start = async (env: Record<string, string>) => {
  watchdog = await startWatchdog(env)
  return watchdog
}

/** Starts a watchdog before a shell script, which finds its folder as `$0`'s. */
const startScript = async (script: string, env: Record<string, string> = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'junction-watchdog-'))
  const fprocess = program(folder, 'f', `#!/bin/sh\ncd "$(dirname "$0")"\n${script}\n`)
  watchdog = await startWatchdog({ fprocess, ...env }, { folder })
  return watchdog
}

const file = (name: string) => {
  try {
    return readFileSync(join(watchdog.folder, name), 'utf8')
  } catch {
    return ''
  }
}

describe('a program that is started for each call', () => {
  it('reads the body and writes the answer', async () => {
    await start({ fprocess: 'cat' })
    const answer = await watchdog.call('/', { body: 'grüße\n' })
    expect([answer.status, answer.body]).toEqual([200, 'grüße\n'])
    expect(answer.headers['content-type']).toBe('application/octet-stream')
    expect(answer.headers['x-duration-seconds']).toMatch(/^\d+\.\d{6}$/)
    await until('it is logged', () => watchdog.log().includes('Wrote'))
    expect(watchdog.log()).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d Forking fprocess\.$/m)
    expect(watchdog.log()).toMatch(/Wrote 8 Bytes - Duration: \d+\.\d{6} seconds$/m)
  })

  it('answers nothing with nothing, in the type it is told', async () => {
    await start({ fprocess: 'true', content_type: 'text/html' })
    const answer = await watchdog.call()
    expect([answer.status, answer.body, answer.headers['content-type']]).toEqual([200, '', 'text/html'])
  })

  it('is a process of its own each time', async () => {
    await startScript('echo $$')
    const [one, two] = [await watchdog.call(), await watchdog.call()]
    expect(one.body).toMatch(/^\d+\n$/)
    expect(two.body).not.toBe(one.body)
  })

  it('finds the call in its environment beside its own variables, and nothing of the watchdog’s socket', async () => {
    await start({ fprocess: 'env', GREETING: 'hi', 'spring.profile': 'a b' })
    const headers = { 'Content-Type': 'text/csv', 'X-Call-Id': '7', 'Content-Length': '2', Proxy: 'http://evil:1' }
    const { body } = await watchdog.call('/a%20b/c?x=1&y=%20', { method: 'PUT', headers, body: 'ab' })
    expect(body.split('\n')).toEqual(
      expect.arrayContaining([
        'GREETING=hi',
        'spring.profile=a b',
        'Http_Method=PUT',
        'Http_Path=/a b/c',
        'Http_Query=x=1&y=%20',
        'Http_Content_Type=text/csv',
        'Http_Content_Length=2',
        'Http_X_Call_Id=7',
      ]),
    )
    expect(body).not.toMatch(/^(PORT|NODE_CHANNEL_FD|Http_Proxy)=/m)
  })

  it('cannot be given a proxy by a header, as Python would take it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'junction-watchdog-'))
    const source = '#!/usr/bin/env python3\nimport urllib.request\nprint(urllib.request.getproxies())\n'
    watchdog = await startWatchdog({ fprocess: program(folder, 'f.py', source) }, { folder })
    expect((await watchdog.call('/', { headers: { Proxy: 'http://evil:1' } })).body).toBe('{}\n')
  })

  it('streams: its first bytes are there before it ends', async () => {
    await startScript('echo first; while ! [ -e go ]; do sleep 0.01; done; echo last')
    const first = await new Promise<string>((resolve) => {
      const sent = request({ socketPath: watchdog.socketPath, method: 'POST' }, (response) => {
        let body = ''
        response.once('data', (chunk: Buffer) => {
          body += chunk
          program(watchdog.folder, 'go', '')
          response.on('data', (more: Buffer) => {
            body += more
          })
        })
        response.once('end', () => resolve(body))
      })
      sent.end()
    })
    expect(first).toBe('first\nlast\n')
  })

  it('that fails before its first byte is a 500, and its stderr is in the log', async () => {
    await startScript('echo why it failed >&2; exit 3')
    const answer = await watchdog.call()
    expect([answer.status, JSON.parse(answer.body)]).toEqual([
      500,
      expect.objectContaining({ code: 'program', detail: expect.stringContaining('exit code 3') }),
    ])
    expect(answer.headers['x-openfaas-internal']).toBeUndefined()
    await until('it is logged', () => /^\S+ \S+ stderr: why it failed$/m.test(watchdog.log()))
  })

  it('that fails after its first byte breaks the connection', async () => {
    await startScript('echo half; exit 3')
    const answer = await watchdog.call()
    expect([answer.status, answer.body, answer.broken]).toEqual([200, 'half\n', true])
  })

  it('that is gone is a 500', async () => {
    await start({ fprocess: '/nowhere/at-all' })
    const answer = await watchdog.call()
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([500, 'program'])
  })

  it('gets its words as they are parted by white space, without a shell', async () => {
    await start({ fprocess: "  echo   'a  b'\t$HOME" })
    expect((await watchdog.call()).body).toBe("'a b' $HOME\n")
  })

  it('keeps lines whole in the log, and raw without prefix_logs', async () => {
    await startScript('for i in 1 2 3; do printf \'{"n":%s}\\n\' $i >&2; done; printf end >&2', {
      prefix_logs: 'false',
    })
    await Promise.all([watchdog.call(), watchdog.call()])
    await until('all is logged', () => watchdog.log().match(/^end$/gm)?.length === 2)
    expect(watchdog.log().match(/^\{"n":[123]\}$/gm)).toHaveLength(6)
  })
})

describe('large bodies', () => {
  const MIB = 1 << 20

  it('go through in bounded memory, both ways at once', async () => {
    await start({ fprocess: 'cat' })
    const size = await echoed(watchdog.socketPath, 300)
    expect(size).toBe(300 * MIB)
    expect(peakMemory(watchdog.child.pid as number)).toBeLessThan(256)
  })

  it('wait for a slow reader instead of piling up', async () => {
    await startScript('echo $$ > pids; exec head -c 314572800 /dev/zero')
    const response = await new Promise<IncomingMessage>((resolve) => {
      request({ socketPath: watchdog.socketPath, method: 'POST' }, resolve).end()
    })
    // Blocked in its write, time and again: with all of it taken it would have ended.
    let blocked = 0
    await until('it waits', () => {
      blocked = isAsleep(Number(file('pids'))) ? blocked + 1 : 0
      return blocked === 50
    })
    let size = 0
    response.on('data', (data: Buffer) => {
      size += data.length
    })
    await once(response, 'end')
    expect(size).toBe(300 * MIB)
    expect(peakMemory(watchdog.child.pid as number)).toBeLessThan(256)
  })

  it('need not be read', async () => {
    await start({ fprocess: 'echo enough' })
    const answer = await watchdog.call('/', { body: 'x'.repeat(20 * MIB) })
    expect([answer.status, answer.body]).toEqual([200, 'enough\n'])
  })
})

describe('mode=serializing', () => {
  it('answers once the program is over, so that its exit code decides', async () => {
    await startScript('echo half; [ -e ok ] || exit 3', { mode: 'serializing' })
    expect((await watchdog.call()).status).toBe(500)
    program(watchdog.folder, 'ok', '')
    const answer = await watchdog.call()
    expect([answer.status, answer.body, answer.headers['content-length']]).toEqual([200, 'half\n', '5'])
  })
})

describe('the end of a call', () => {
  /** Writes its pid and that of a child it leaves, then goes on for ever. */
  const endless = 'sleep 1000 & echo $$ $! >> pids; echo begun; wait'
  const pids = () => file('pids').split(/\s+/).filter(Boolean).map(Number)
  /** Calls until the program has had the time to write its pids: a short deadline may come first. */
  const untilBegun = async (call: () => Promise<void>) => {
    do await call()
    while (!existsSync(join(watchdog.folder, 'pids')))
  }

  it('by exec_timeout is a 504, and ends the whole group', async () => {
    await startScript('sleep 1000 & echo $$ $! >> pids; wait', { exec_timeout: '300ms' })
    await untilBegun(async () => {
      const answer = await watchdog.call()
      expect([answer.status, answer.headers['x-openfaas-internal']]).toEqual([504, 'of-watchdog'])
    })
    await until('both are gone', () => !pids().some(runs))
  })

  it('by exec_timeout kills what does not heed SIGTERM', async () => {
    await startScript(`trap 'echo told >> told' TERM; echo $$ >> pids; while :; do sleep 0.1; done`, {
      exec_timeout: '300ms',
    })
    await untilBegun(async () => expect((await watchdog.call()).status).toBe(504))
    await until('it was told', () => existsSync(join(watchdog.folder, 'told')))
    await until('it is gone', () => !pids().some(runs))
  })

  it('is nearer by X-Timeout, and never farther', async () => {
    await startScript('sleep 1000', { exec_timeout: '2s' })
    const nearer = await watchdog.call('/', { headers: { 'X-Timeout': '100ms' } })
    expect([nearer.status, nearer.body]).toEqual([504, expect.stringContaining('the program had 100 ms')])
    const farther = await watchdog.call('/', { headers: { 'X-Timeout': '1h' } })
    expect([farther.status, farther.body]).toEqual([504, expect.stringContaining('the program had 2000 ms')])
  })

  it('by write_timeout breaks the connection, and ends the whole group', async () => {
    await startScript(endless, { write_timeout: '500ms' })
    let answer: Awaited<ReturnType<typeof watchdog.call>> | undefined
    // Broken off before its first word it has no head.
    while (answer === undefined) answer = await watchdog.call().catch(() => undefined)
    expect([answer.status, answer.body, answer.broken]).toEqual([200, 'begun\n', true])
    await until('all are gone', () => !pids().some(runs))
  })

  it('by read_timeout is a 408, and ends what waits for the body', async () => {
    await startScript('echo $$ >> pids; cat > /dev/null', { read_timeout: '200ms' })
    const half = () =>
      new Promise((resolve, reject) => {
        const sent = request({ socketPath: watchdog.socketPath, method: 'POST', headers: { 'Content-Length': 1_000 } })
        sent.once('response', ({ statusCode }) => resolve(statusCode))
        sent.once('error', reject)
        sent.write('half')
      })
    await untilBegun(async () => expect(await half()).toBe(408))
    await until('it is gone', () => !pids().some(runs))
  })

  it('by a client that goes away ends the whole group', async () => {
    await startScript(endless)
    const sent = request({ socketPath: watchdog.socketPath, method: 'POST' })
    sent.on('error', () => {})
    sent.once('response', (response) => response.once('data', () => sent.destroy()))
    sent.end()
    await until('both are gone', () => pids().length === 2 && !pids().some(runs))
  })

  it('by a client that goes away amid its body never passes the rest for the whole', async () => {
    // What does not heed SIGTERM has 2 s more.
    await startScript(`trap '' TERM; echo $$ > pids; cat > got; touch whole`)
    const sent = request({ socketPath: watchdog.socketPath, method: 'POST', headers: { 'Content-Length': 1_000 } })
    sent.on('error', () => {})
    sent.write('half')
    await until('it reads', () => file('got') === 'half')
    sent.destroy()
    await until('it is gone', () => !pids().some(runs))
    expect(existsSync(join(watchdog.folder, 'whole'))).toBe(false)
  })

  it('waits for all that holds its output', async () => {
    await startScript('echo early; (sleep 0.3; echo late) &')
    expect((await watchdog.call()).body).toBe('early\nlate\n')
  })

  it('takes along what the program left in the background', async () => {
    await startScript('sleep 1000 >/dev/null 2>&1 & echo $! >> pids')
    expect((await watchdog.call()).status).toBe(200)
    expect(pids()).toHaveLength(1)
    await until('it is gone', () => !pids().some(runs))
  })
})
