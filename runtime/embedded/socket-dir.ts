import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const PREFIX = 'junction-'

/** Node cuts longer socket paths off silently (sockaddr_un of Linux, less its final NUL). */
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103

/** Makes a private folder (0700) for Unix sockets whose paths stay within the system's limit. */
export const makeSocketDir = (longestName: string): string => {
  const fits = (parent: string) => join(parent, `${PREFIX}XXXXXX`, longestName).length <= MAX_SOCKET_PATH
  const parent = fits(tmpdir()) ? tmpdir() : '/tmp'
  return mkdtempSync(join(parent, PREFIX))
}

/** Whether a folder looks like one of `makeSocketDir`: nothing else is ever removed by a recorded path. */
export const isSocketDir = (path: string): boolean => /^junction-\w{6}$/.test(basename(path))
