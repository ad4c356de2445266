// A client of its own process: `count` requests at once, or a steady stream until its stdin closes.
// Prints {statuses: {200: n, …}} when all are answered.
import { Agent, request } from 'node:http'

const { url, count, perSecond } = JSON.parse(process.argv[2])
const agent = new Agent({ keepAlive: true, maxSockets: perSecond ? 64 : Number.POSITIVE_INFINITY })
const statuses = {}
let open = 0
let over = !perSecond

const note = (status) => {
  statuses[status] = (statuses[status] ?? 0) + 1
  open--
  if (over && open === 0) finish()
}
const finish = () => {
  process.stdout.write(`${JSON.stringify({ statuses })}\n`, () => process.exit())
}
const send = () => {
  open++
  const sent = request(url, { method: 'POST', agent }, (response) => {
    response.resume()
    response.on('end', () => note(response.statusCode))
  })
  sent.on('error', (error) => note(error.code))
  sent.end('x')
}

if (perSecond) {
  const timer = setInterval(send, 1000 / perSecond)
  process.stdin.resume().on('close', () => {
    clearInterval(timer)
    over = true
    if (open === 0) finish()
  })
} else {
  for (let i = 0; i < count; i++) send()
}
