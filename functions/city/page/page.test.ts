import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { cityPage } from './page.ts'

const page = cityPage()
const policy = page.headers['content-security-policy'] ?? ''
const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

describe('cityPage', () => {
  it('allows exactly its own style and script', () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(page.html)?.[1] ?? ''
    const script = /<script type="module">([\s\S]*?)<\/script>/.exec(page.html)?.[1] ?? ''
    expect(style).toContain('prefers-color-scheme')
    expect(script).toContain('EventSource')
    expect(policy).toContain(`style-src ${hashOf(style)};`)
    expect(policy).toContain(`script-src ${hashOf(script)};`)
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('unsafe')
  })

  it('has no inline style, no handler attribute and nothing from elsewhere', () => {
    expect(page.html).not.toMatch(/ style="| on\w+="|https?:|\/\/[a-z]/)
    expect(page.html).not.toMatch(/(?:src|href)="\//)
  })
})
