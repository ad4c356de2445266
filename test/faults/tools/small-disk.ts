import { execFileSync } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Stage } from '../row.ts'

/** A disk of so many megabytes that can be filled to its last byte and be freed again. */
export interface SmallDisk {
  folder: string
  fill(): void
  free(): void
  freeMb(): number
}

/** Mounts a tmpfs to the end of the row; only root can, so the error says what to do without. */
export function openSmallDisk(stage: Stage, megabytes: number): SmallDisk {
  if (process.getuid?.() !== 0)
    throw new Error(`${stage.folder}: a small disk is a tmpfs, which only root can mount: run this row as root`)
  const folder = join(stage.folder, 'disk')
  mkdirSync(folder)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', folder])
  stage.atEnd(() => execFileSync('umount', ['-l', folder]))
  const ballast = join(folder, 'ballast')
  // The storage of a server with a user of its own.
  mkdirSync(join(folder, 'data'))
  chmodSync(join(folder, 'data'), 0o755)
  return {
    folder: join(folder, 'data'),
    fill() {
      const file = openSync(ballast, 'a')
      try {
        for (const size of [1 << 20, 1 << 12]) while (wrote(file, size));
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(ballast),
    freeMb() {
      const { bavail, bsize } = statfsSync(folder)
      return (bavail * bsize) / (1 << 20)
    },
  }
}

function wrote(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size, 1)) === size
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOSPC') return false
    throw error
  }
}
