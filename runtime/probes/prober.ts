import type { Probe, Probes } from '../stack/types.ts'
import { askProbe } from './ask.ts'

/** A replica that is probed, and what its owner hears. */
export interface Probed {
  probes: Probes
  socketPath: string
  /** It passes its readiness probe from now on. */
  onReady(): void
  /** It has failed its readiness probe so many times, the first time or again; `why` names the probe. */
  onUnready(why: string): void
  /** It has failed its liveness probe so many times; told once, and the last that is told. */
  onDead(why: string): void
}

/** Probes a replica until it is told to end; without a readiness probe `onReady` is never told. */
export const startProber = ({ probes, socketPath, onReady, onUnready, onDead }: Probed): { stop(): void } => {
  let over = false
  const timers = new Set<NodeJS.Timeout>()
  const stop = (): void => {
    over = true
    for (const timer of timers) clearTimeout(timer)
  }
  const after = (ms: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      work()
    }, ms)
    timers.add(timer)
  }

  /** Asks again and again; `turned` hears when so many results of a kind came in a row. */
  const follow = (kind: string, probe: Probe, turned: (fault: string | undefined) => void): void => {
    let [well, row] = [undefined as boolean | undefined, 0]
    let last: boolean | undefined
    const ask = async (): Promise<void> => {
      const began = performance.now()
      const fault = await askProbe(socketPath, probe.path, probe.timeoutMs)
      if (over) return
      row = (fault === undefined) === last ? row + 1 : 1
      last = fault === undefined
      if (last !== well && row >= (last ? probe.successThreshold : probe.failureThreshold)) {
        well = last
        turned(fault && `its ${kind} probe ${probe.path} ${fault}, ${row} times in a row`)
      }
      if (!over) after(Math.max(0, probe.periodMs - (performance.now() - began)), () => void ask())
    }
    after(probe.initialDelayMs, () => void ask())
  }

  if (probes.ready) follow('readiness', probes.ready, (why) => (why === undefined ? onReady() : onUnready(why)))
  if (probes.live) {
    follow('liveness', probes.live, (why) => {
      if (why === undefined) return
      stop()
      onDead(why)
    })
  }
  return { stop }
}
