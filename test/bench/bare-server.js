// The reference of every HTTP row: reads the body whole and answers 202, nothing else.
import { createServer } from 'node:http'

createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    response.writeHead(request.method === 'GET' ? 200 : 202, { 'Content-Type': 'application/json' })
    response.end(`{"bytes":${body.length}}`)
  })
}).listen(Number(process.argv[2]), '127.0.0.1')
process.on('disconnect', () => process.exit(0))
