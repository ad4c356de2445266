// A client of its own process: `count` requests at once, or a steady stream until its stdin closes.
// Prints {statuses: {200: n, …}, p99: ms, most: open at once} when all are answered.
import { Agent, request } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'

const { url, count, perSecond } = JSON.parse(process.argv[2])
const agent = new Agent({ keepAlive: true, maxSockets: perSecond ? 64 : Number.POSITIVE_INFINITY })
const statuses = {}
const times = []
let open = 0
let most = 0
let over = false

// All in one turn, the first would be written only after the last was opened: too late for a server with a deadline.
const A_TURN = 100

const note = (status) => {
  statuses[status] = (statuses[status] ?? 0) + 1
  open--
  if (over && open === 0) finish()
}
const finish = () => {
  const p99 = times.sort((a, b) => a - b)[Math.ceil(times.length * 0.99) - 1]
  process.stdout.write(`${JSON.stringify({ statuses, p99, most })}\n`, () => process.exit())
}
const send = () => {
  most = Math.max(most, ++open)
  const began = performance.now()
  const sent = request(url, { method: 'POST', agent }, (response) => {
    response.resume()
    response.on('end', () => {
      times.push(performance.now() - began)
      note(response.statusCode)
    })
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
  for (let i = 0; i < count; i++) {
    send()
    if (i % A_TURN === A_TURN - 1) await turn()
  }
  over = true
  if (open === 0) finish()
}
