import { type ChildProcess, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'

/** Knows the process groups that run, and kills them when this process is gone, however it went. */
export interface Guard {
  /** Where a program tells its group, `+ <group>`, before it is one: a stream to be handed on to it. Throws while there is no guard. */
  channel(): Writable
  /** Who has told it, for a guard that is started anew. */
  add(group: number): void
  remove(group: number): void
}

/**
 * A shell costs 1 MB: it reads `+ <group>` and `- <group>`, and at the end of its input kills what is left. Its input
 * ends when nobody is left who could tell it of another group.
 */
const SCRIPT = `
groups=$*
while read -r sign group; do
  if [ "$sign" = + ]; then groups="$groups $group"; continue; fi
  rest=
  for other in $groups; do [ "$other" = "$group" ] || rest="$rest $other"; done
  groups=$rest
done
for group in $groups; do kill -s KILL -- "-$group"; done
`

const AGAIN_MS = 100

/** Starts the guard; one that is killed itself is started anew. */
export const startGuard = (): Guard => {
  const groups = new Set<number>()
  let shell: ChildProcess
  const start = () => {
    // What runs already is known to it from its first moment on.
    const args = ['-c', SCRIPT, 'guard', ...[...groups].map(String)]
    shell = spawn('/bin/sh', args, { detached: true, env: {}, stdio: ['pipe', 'ignore', 'ignore'] })
    shell.once('error', () => setTimeout(start, AGAIN_MS))
    shell.once('exit', start)
    // Without files for its pipe it has none at all.
    shell.stdin?.on('error', () => {})
  }
  start()
  return {
    channel: () => {
      if (!shell.stdin) throw new Error('nobody is there yet who would end it')
      return shell.stdin
    },
    add: (group) => void groups.add(group),
    remove: (group) => {
      groups.delete(group)
      shell.stdin?.write(`- ${group}\n`)
    },
  }
}
