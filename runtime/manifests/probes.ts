import type { Probe, StackFunction } from '../stack/types.ts'

/** The annotations of OpenFaaS Pro that say how a function is probed: they are translated, not copied. */
export const isProbeAnnotation = (name: string): boolean => /^com\.openfaas\.(?:health|ready)\.http\./.test(name)

const probe = (asked: Probe | undefined, path: string, port: object) => ({
  httpGet: { path: asked?.path ?? path, ...port },
  ...(asked && {
    initialDelaySeconds: asked.initialDelayMs / 1_000,
    periodSeconds: asked.periodMs / 1_000,
    timeoutSeconds: asked.timeoutMs / 1_000,
    failureThreshold: asked.failureThreshold,
    successThreshold: asked.successThreshold,
  }),
})

/** How the platform sees whether a function lives and takes calls; `port` names the port where it has to be said. */
export const probesOf = ({ probes = {} }: StackFunction, port: { port?: string } = {}) => ({
  livenessProbe: probe(probes.live, '/_/health', port),
  readinessProbe: probe(probes.ready, '/_/ready', port),
})
