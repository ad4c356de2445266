// A load in a process of its own: warms up, measures, prints {perSecond, calls, failed, p50, p99}.
import autocannon from 'autocannon'

const { url, socketPath, connections, seconds, method, bodies } = JSON.parse(await text(process.stdin))
const headers = bodies ? { 'content-type': 'application/json' } : {}
const requests = (bodies ?? [undefined]).map((body) => ({ method, headers, body }))

const warm = await autocannon({ url, socketPath, connections, duration: Math.ceil(seconds / 3), requests })
const result = await autocannon({ url, socketPath, connections, duration: seconds, requests })
const { latency, errors, timeouts, non2xx } = result
console.log(
  JSON.stringify({
    perSecond: result['2xx'] / result.duration,
    calls: warm['2xx'] + result['2xx'],
    failed: errors + timeouts + non2xx,
    p50: latency.p50,
    p99: latency.p99,
  }),
)

async function text(stream) {
  let all = ''
  for await (const chunk of stream) all += chunk
  return all
}
