import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Network } from '#shared/contracts/network.ts'
import type { TrafficCollection, TrafficStatus } from '#shared/contracts/traffic-status.ts'
import { InVain, openRuntime, type Runtime, until } from '../e2e/runtime.ts'
import { freePort } from '../ports.ts'
import { deviceOf, MINUTES_AGO, NETWORK, ROADS } from './roads.ts'

/** A city under test: the real runtime on a data folder of its own. */
export interface City {
  /** The address of the page. */
  page: string
  runtime: Runtime
  operatorToken(): string
  /** Posts what a segment's device measures, observed so many minutes ago. */
  measure(segment: string, speedKmh: number, minutesAgo?: number): Promise<void>
  /** What the API says of every segment. */
  status(): Promise<TrafficStatus[]>
  close(): Promise<void>
}

/** Where and how a city runs. */
export interface CityOptions {
  authMode?: 'dev' | 'keys'
  network?: Network
  /** Arguments of `junction up` beside port and data. */
  args?: string[]
}

/** Starts a city with a network and nothing measured yet. */
export async function openCity({ authMode = 'dev', network = NETWORK, args = [] }: CityOptions = {}): Promise<City> {
  const folder = mkdtempSync(join(tmpdir(), 'junction-page-'))
  // As root PostgreSQL runs as another user, who must be able to walk to its folder.
  chmodSync(folder, 0o711)
  const runtime = openRuntime({ folder, port: await freePort(), args, authMode })
  const operatorToken = () => readFileSync(join(folder, 'data/secrets/operator-token'), 'utf8').trim()
  const page = `${runtime.url}/function/city/`

  // As a device does: what was refused for the moment is sent again, and is the same reading.
  const post = (body: unknown) => until('a reading is taken', () => isTaken(JSON.stringify(body)))
  const isTaken = async (body: string): Promise<boolean> => {
    const answer = await fetch(`${runtime.url}/function/ingest`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${operatorToken()}` },
      body,
    })
    if (answer.status === 202 || answer.status === 429 || answer.status >= 500) return answer.status === 202
    throw new InVain(`a reading was answered with ${answer.status}: ${await answer.text()}`)
  }

  await runtime.start()
  if (network.features.length > 0) {
    const file = join(folder, 'network.geojson')
    writeFileSync(file, JSON.stringify(network))
    await runtime
      .retried(async () => runtime.command('network', 'load', file))
      .catch(async (error) => {
        await runtime.crash()
        throw error
      })
  }
  return {
    page,
    runtime,
    operatorToken,
    measure: (segment, speedKmh, minutesAgo = 0) =>
      post({
        device: deviceOf(segment),
        observedAt: new Date(Date.now() - minutesAgo * 60_000).toISOString(),
        measures: { speed: speedKmh, count: 12 },
      }),
    async status() {
      const answer = await fetch(new URL('api/traffic-status', page))
      return ((await answer.json()) as TrafficCollection).features.map(({ properties }) => properties)
    },
    async close() {
      if (runtime.alive()) await runtime.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Has every road of the town measured, and waits until each is at its level. */
export async function liveTown(city: City): Promise<void> {
  for (const minutesAgo of MINUTES_AGO)
    for (const { segment, speedKmh } of ROADS)
      if (speedKmh !== undefined) await city.measure(segment, speedKmh, minutesAgo)
  await until('every road is at its level', async () => {
    const levels = new Map((await city.status()).map(({ segment, level }) => [segment, level]))
    return ROADS.every(({ segment, level }) => levels.get(segment) === level)
  })
}
