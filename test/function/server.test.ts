import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type FunctionProcess, startFunction } from './process.ts'

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

describe('a function that is not set up right', () => {
  it.each([
    ['deployed under another name', { FUNCTION_NAME: 'fast' }],
    ['without an auth configuration', { AUTH_MODE: '' }],
    ['open to the network in dev mode', { PORT: '8080', HOST: '0.0.0.0' }],
  ])('does not start: %s', async (_name, env) => {
    await expect(startFunction('test/functions/slow', env)).rejects.toThrow('ended with 1')
  })
})

/** The status of a POST or the code of what cut it off. */
const statusOfPost = (socketPath: string, body: Buffer) =>
  new Promise<number | string>((resolve) => {
    const call = request({ socketPath, method: 'POST', path: '/', agent: false })
    call.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    call.on('response', (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    call.end(body)
  })

describe('the server of a function, in its own process', () => {
  let fn: FunctionProcess
  const start = async (env = {}) => {
    fn = await startFunction('test/functions/slow', env)
    return fn
  }
  afterEach(() => fn.remove())

  it('is healthy and ready before it has reached PostgreSQL', async () => {
    await start()
    expect((await fn.get('/_/health')).status).toBe(200)
    expect((await fn.get('/_/ready')).body).toBe('{"ready":true}')
  })

  it('answers 504 at exec_timeout, sooner if the caller asks so, never later', async () => {
    await start({ exec_timeout: '300ms' })
    const late = await fn.get('/wait/5000')
    expect([late.status, JSON.parse(late.body).code]).toEqual([504, 'deadline'])
    expect((await fn.get('/wait/200', { 'X-Timeout': '50ms' })).status).toBe(504)
    expect((await fn.get('/wait/5000', { 'X-Timeout': '1m' })).status).toBe(504)
    expect((await fn.get('/wait/10')).status).toBe(200)
  })

  it('answers 429 beyond max_inflight, and again when there is room', async () => {
    await start({ max_inflight: '2' })
    const two = () => Promise.all([fn.get('/wait/400'), fn.get('/wait/400')])
    let both = two()
    let refused = await fn.get('/wait/0')
    while (refused.status === 200) {
      await both
      both = two()
      refused = await fn.get('/wait/0')
    }
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1'])
    expect((await both).map(({ status }) => status)).toEqual([200, 200])
    expect((await fn.get('/wait/0')).status).toBe(200)
  })

  it('tells nothing of an error but where to look', async () => {
    await start()
    const answer = await fn.get('/throw', { traceparent: TRACEPARENT, 'X-Call-Id': 'call-1' })
    expect(answer.status).toBe(500)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.body).not.toContain('secret')
    expect(fn.logs().find(({ msg }) => msg === 'call failed')).toMatchObject({
      level: 50,
      err: { message: 'the secret of the house' },
    })
  })

  it('logs one JSON object a line, with the trace of the call', async () => {
    await start()
    await fn.get('/wait/0', { traceparent: TRACEPARENT })
    await fn.get('/wait/0', { traceparent: 'nonsense' })
    const lines = fn.logs().filter(({ msg }) => msg === 'answered')
    expect(lines.map(({ function: name, traceId }) => [name, traceId])).toEqual([
      ['slow', '0af7651916cd43dd8448eb211c80319c'],
      ['slow', undefined],
    ])
  })

  it('answers 413 to a body over the limit while it is still being sent, and the answer arrives', async () => {
    await start()
    const body = Buffer.alloc(4 << 20)
    const statuses = new Set<number | string>()
    for (let call = 0; call < 20; call++) statuses.add(await statusOfPost(fn.socketPath, body))
    expect([...statuses]).toEqual([413])
  })

  it('counts its calls', async () => {
    await start()
    await fn.get('/wait/0')
    expect((await fn.get('/metrics')).body).toMatch(
      /junction_function_calls_total\{code="200",function="slow"[^}]*\} 1/,
    )
  })

  it('drains at SIGTERM: what is in flight is answered, streams end, it exits 0', async () => {
    await start()
    const stream = fn.open('/stream')
    const streamEnded = new Promise((resolve) =>
      stream.on('response', (response) => response.resume().on('end', resolve)),
    )
    stream.end()
    const inFlight = fn.get('/wait/500')
    while (!(await fn.get('/metrics')).body.includes('junction_function_streams{function="slow",version="dev"} 1')) {}
    fn.child.kill('SIGTERM')
    expect((await inFlight).status).toBe(200)
    await streamEnded
    expect(await fn.exited).toBe(0)
  })

  it('does not wait at SIGTERM for a connection that never asked for anything', async () => {
    await start()
    const unused = connect(fn.socketPath)
    const closed = new Promise((resolve) => unused.once('close', resolve))
    await new Promise((resolve) => unused.once('connect', resolve))
    // Connections are taken in the order they come in: the one before the answer has been taken, too.
    await fn.get('/_/health')
    const began = performance.now()
    fn.child.kill('SIGTERM')
    await closed
    expect(await fn.exited).toBe(0)
    // Far from the 55 s after which everything is cut off.
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  it('dies with the parent that holds its channel, even if nobody reads its log', async () => {
    await start()
    fn.child.stdout?.destroy()
    fn.child.disconnect()
    expect(await fn.exited).toBeNull()
  })

  it('keeps streams out of max_inflight and to max_streams', async () => {
    await start({ max_inflight: '1', max_streams: '1' })
    const stream = fn.open('/stream')
    await new Promise((resolve) => stream.on('response', (response) => response.once('data', resolve)).end())
    expect((await fn.get('/wait/0')).status).toBe(200)
    expect((await fn.get('/stream')).status).toBe(429)
    stream.destroy()
  })
})
