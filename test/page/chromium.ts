import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/opt/homebrew/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** The browser to test with: the one that CHROMIUM names, else one where it usually lies. */
export function chromiumPath(named = process.env.CHROMIUM): string {
  const found = named ? [named].find(existsSync) : USUAL.find(existsSync)
  if (found) return found
  const missing = named ? `CHROMIUM names ${named}, and there is nothing` : 'no Chromium is in its usual places'
  throw new Error(`${missing}: install it (Debian, Ubuntu: apt-get install chromium; macOS: brew install --cask chromium;
else from https://www.chromium.org/getting-involved/download-chromium), or set CHROMIUM to the path of its program`)
}

/** Draws without a graphics card; on its own the browser asks nobody for anything. */
const ARGUMENTS = [
  '--disable-gpu-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts a browser without a window. */
export const openBrowser = (...more: string[]): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath(), args: [...ARGUMENTS, ...more], timeout: 180_000 })

/** A browser whose pages get no WebGL. */
export const openBrowserWithoutWebGl = (): Promise<Browser> => openBrowser('--disable-3d-apis')
