import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'junction-start-'))
  cpSync('dist/functions/predict-traffic', folder, { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const start = () =>
  spawnSync(process.execPath, [join(folder, 'index.js')], {
    encoding: 'utf8',
    env: {
      ...process.env,
      PORT: join(folder, 's'),
      AUTH_MODE: 'dev',
      SECRETS_DIR: folder,
      DATABASE_URL: 'postgres://junction@localhost/none?host=/nowhere',
    },
  })

describe('predict-traffic with a broken model of its own', () => {
  it('does not start, and says why, so that what served before goes on', () => {
    truncateSync(join(folder, 'assets/model/model.onnx'), 1000)
    const { status, stderr } = start()
    expect(stderr).toContain(
      'predict-traffic does not start: the model that ships with the function is broken: model.onnx has the SHA-256',
    )
    expect(status).toBe(1)
  })
})
