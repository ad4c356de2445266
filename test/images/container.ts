import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { freePort } from '../ports.ts'
import { until } from '../servers/until.ts'
import type { Image } from './build.ts'

/** How a container differs from what its image says. */
export interface ContainerOptions {
  env?: Record<string, string>
  /** In place of the image's command. */
  args?: string[]
  entrypoint?: string[]
  /** Folders of this machine by their place inside: to read only, or to write. */
  readable?: Record<string, string>
  writable?: Record<string, string>
}

// A test that fails before it has stopped its container leaves it behind.
const running = new Set<ChildProcess>()

/** Ends what still runs. */
export function endContainers(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** A process of an image. */
export interface Container {
  pid: number
  /** What it printed so far. */
  output(): string
  /** Its exit code, once it ends. */
  ended: Promise<number>
}

/**
 * Starts an image as a platform does that trusts it with nothing: its own command, environment and user as process 1, a root
 * that cannot be written, an empty /tmp, no capabilities. Bubblewrap stands for the container runtime, since those need
 * cgroups; the network is this machine's.
 */
export async function startContainer({ root, config }: Image, options: ContainerOptions): Promise<Container> {
  const { env = {}, args = config.Cmd ?? [], entrypoint = config.Entrypoint, readable = {}, writable = {} } = options
  const [uid, gid] = config.User.split(':') as [string, string]
  const imageEnv = config.Env.map((line): [string, string] => [
    line.split('=', 1)[0] ?? '',
    line.replace(/^[^=]*=/, ''),
  ])
  const child = spawn(
    'bwrap',
    [
      ...['--bind', root, '/', '--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--tmpfs', '/tmp'],
      ...[...Object.keys(readable), ...Object.keys(writable)].flatMap(placeFor),
      ...Object.entries(readable).flatMap(([inside, outside]) => ['--ro-bind', outside, inside]),
      ...Object.entries(writable).flatMap(([inside, outside]) => ['--bind', outside, inside]),
      ...['--remount-ro', '/', '--chdir', config.WorkingDir, '--clearenv'],
      ...[...imageEnv, ...Object.entries(env)].flatMap(([name, value]) => ['--setenv', name, value]),
      ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--as-pid-1', '--die-with-parent', '--info-fd', '3'],
      // What it takes to become the image's user, and to give up the rest for good.
      ...['SETUID', 'SETGID', 'SETPCAP'].flatMap((name) => ['--cap-add', `CAP_${name}`]),
      ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all'],
      ...['--inh-caps=-all', ...entrypoint, ...args],
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  )
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (printed += chunk))
  const ended = once(child, 'close').then(([code]) => {
    running.delete(child)
    return Number(code)
  })
  running.add(child)
  const pid = await pidFrom(child.stdio[3] as Readable)
  return { pid, output: () => printed, ended }
}

/** Folders on the way to what is mounted, open to walk through as other runtimes make them. */
const placeFor = (path: string): string[] =>
  path
    .split('/')
    .slice(1, -1)
    .flatMap((_, at, parts) => ['--perms', '0755', '--dir', `/${parts.slice(0, at + 1).join('/')}`])

/** What bubblewrap tells of the process, in as many pieces as it likes; it ends where nobody listens to the last. */
async function pidFrom(told: Readable): Promise<number> {
  let text = ''
  for await (const piece of told) text += piece
  const { 'child-pid': pid }: { 'child-pid'?: number } = JSON.parse(text || '{}')
  if (pid === undefined) throw new Error('bubblewrap started nothing')
  return pid
}

/** Runs a container to its end. */
export async function runToEnd(image: Image, options: ContainerOptions): Promise<{ code: number; output: string }> {
  const { ended, output } = await startContainer(image, options)
  return { code: await ended, output: output() }
}

/** A container that listens. */
export interface Service {
  url: string
  /** Tells it to end as platforms do; gives its exit code. */
  stop(): Promise<number>
}

/** Starts a container on a free port, and waits until it answers at `path` that all is well. */
export async function serve(image: Image, path: string, options: (port: number) => ContainerOptions): Promise<Service> {
  const port = await freePort()
  const { pid, ended, output } = await startContainer(image, options(port))
  const url = `http://127.0.0.1:${port}`
  let code: number | undefined
  void ended.then((ending) => (code = ending))
  const ready = async () => (await fetch(`${url}${path}`).catch(() => undefined))?.ok
  await until('the container to be ready, or to end', async () => code !== undefined || (await ready()), 180_000)
  if (code !== undefined) throw new Error(`it ended with ${code}: ${output()}`)
  const stop = () => {
    process.kill(pid, 'SIGTERM')
    return ended
  }
  return { url, stop }
}
