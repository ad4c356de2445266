// The reference of forecasts over HTTP: reads the series, puts their values where the model wants numbers, asks it, answers.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { InferenceSession, Tensor } from 'onnxruntime-node'

const [, , port, folder] = process.argv
const { features, horizons, steps } = JSON.parse(readFileSync(`${folder}/model.json`, 'utf8'))
const session = await InferenceSession.create(readFileSync(`${folder}/model.onnx`), {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
})
const width = features.length

createServer((request, response) => {
  const chunks = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', async () => {
    response.setHeader('Content-Type', 'application/json')
    if (request.method === 'GET') return response.end('{}')
    const { series } = JSON.parse(Buffer.concat(chunks).toString())
    const input = new Float32Array(series.length * width)
    for (const [row, { values }] of series.entries()) input.set(values, row * width)
    const { p10, p50, p90 } = await session.run({ features: new Tensor('float32', input, [series.length, width]) })
    const forecasts = series.map(({ segment }, row) => ({
      segment,
      points: horizons.map(({ minutes, step }) => {
        const at = row * steps + step - 1
        return { minutes, p10: p10.data[at], p50: p50.data[at], p90: p90.data[at] }
      }),
    }))
    response.end(JSON.stringify({ forecasts }))
  })
}).listen(Number(port), '127.0.0.1')
process.on('disconnect', () => process.exit(0))
