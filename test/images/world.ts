import { chownSync, mkdtempSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'

const USER = 10_001

/** A folder of secrets as a platform mounts it: for the user of the image alone. */
export function secretsOf(place: string, secrets: Record<string, string>): string {
  const folder = mkdtempSync(join(place, 'secrets-'))
  chownSync(folder, USER, USER)
  for (const [name, value] of Object.entries(secrets)) putSecret(join(folder, name), value)
  return folder
}

/** Writes a file that the user of the image alone can read. */
export function putSecret(path: string, value: string): void {
  writeFileSync(path, value, { mode: 0o400 })
  chownSync(path, USER, USER)
}

/** A new folder that belongs to the user of the image. */
export function volume(place: string): string {
  const folder = mkdtempSync(join(place, 'volume-'))
  chownSync(folder, USER, USER)
  return folder
}

/** A PostgreSQL that listens on a Unix socket, on a port of the loopback: containers see no socket of this machine. */
export async function onPort(url: string): Promise<{ url: string; close(): void }> {
  const folder = new URL(url).searchParams.get('host')
  const server = createServer((near) => {
    const far = connect(join(folder ?? '', '.s.PGSQL.5432'))
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const)
      from.pipe(to).on('error', () => from.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const { username, pathname } = new URL(url)
  return { url: `postgres://${username}@127.0.0.1:${port}${pathname}`, close: () => server.close() }
}
