import type { ConnectorStatus } from '#shared/contracts/runtime-status.ts'
import type { Part } from './child.ts'

/** A connector as a process, and what it says of itself. */
export interface ConnectorPart extends Part {
  /** Undefined while it does not answer. */
  status(): Promise<ConnectorStatus | undefined>
  /** The HTTP status of its readiness; 0 while it does not answer. */
  ready(): Promise<number>
  /** The sum of a metric, over those with that code if one is given. */
  metric(name: string, code?: string): Promise<number>
}

/** Asks a connector at its URL. */
export const connectorFace = (url: string): Omit<ConnectorPart, keyof Part> => ({
  status: async () => {
    const text = await textOf(url)
    return text === undefined ? undefined : (JSON.parse(text) as ConnectorStatus)
  },
  ready: () => statusOf(`${url}/_/ready`),
  metric: (name, code) => metricAt(url, name, code),
})

/** The sum of a metric at a URL's /metrics, over those with that code if one is given. */
export async function metricAt(url: string, name: string, code?: string): Promise<number> {
  const lines = ((await textOf(`${url}/metrics`)) ?? '').split('\n').filter((line) => line.startsWith(`${name}{`))
  const chosen = lines.filter((line) => code === undefined || line.includes(`code="${code}"`))
  return chosen.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/** The status of a GET; 0 without an answer. */
export const statusOf = (url: string): Promise<number> =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.arrayBuffer()
      return response.status
    },
    () => 0,
  )

const textOf = (url: string): Promise<string | undefined> =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.text(),
    () => undefined,
  )
