import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from '@jest/globals'
import { cityPage } from './page.ts'

const folder = mkdtempSync(join(tmpdir(), 'junction-page-'))
const SCRIPT = "location.replace('x')"
writeFileSync(
  join(folder, 'index.html'),
  `<html><script>${SCRIPT}</script><script type="module" src="./a.js"></script>`,
)
mkdirSync(join(folder, 'assets'))
writeFileSync(join(folder, 'assets/index-1.js'), 'const a = 1')
writeFileSync(join(folder, 'assets/index-1.js.gz'), gzipSync('const a = 1'))
writeFileSync(join(folder, 'secret'), 'not to be served')
afterAll(() => rmSync(folder, { recursive: true }))

const policyOf = async (mapStyleUrl?: string) => {
  const answer = await cityPage(folder, mapStyleUrl).request('/')
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  return answer.headers.get('content-security-policy') ?? ''
}

describe('the page', () => {
  it('allows exactly its own script', async () => {
    const policy = await policyOf()
    expect(policy).toContain(`script-src 'self' 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}';`)
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https:/)
  })

  it('may ask other hosts only where a map style from elsewhere is set', async () => {
    expect(await policyOf('https://tiles.example/style.json')).toContain("connect-src 'self' https:;")
  })

  it('serves its parts compressed and for a year', async () => {
    const answer = await cityPage(folder, undefined).request('/assets/index-1.js', {
      headers: { 'accept-encoding': 'gzip' },
    })
    expect(answer.headers.get('content-encoding')).toBe('gzip')
    expect(answer.headers.get('content-type')).toMatch(/^text\/javascript/)
    expect(answer.headers.get('cache-control')).toContain('immutable')
  })

  it.each(['/assets/index-2.js', '/assets/..%2Fsecret', '/assets/../secret', '/secret', '/index.html'])(
    'serves nothing else: %s',
    async (path) => {
      expect((await cityPage(folder, undefined).request(path)).status).toBe(404)
    },
  )
})
