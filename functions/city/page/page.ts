import { createHash } from 'node:crypto'
import script from './page.client.js'
import style from './page.css'
import html from './page.html'

/** The page and the headers it is served with. */
export interface Page {
  html: string
  headers: Record<string, string>
}

/** The page in one piece, so that it works under any prefix, with or without a slash behind it. */
export function cityPage(): Page {
  const policy = [
    "default-src 'none'",
    `style-src '${hash(style)}'`,
    `script-src '${hash(script)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    html: html.replace('STYLE', () => style).replace('SCRIPT', () => script),
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
    },
  }
}

const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`
