import { type Fixture, type FixtureOptions, startFixture } from '../gateway/fixture.ts'

/** Deploys an image under the name `version`, as faas-cli does; throws unless it is accepted. */
export type Deploy = (method: 'PUT' | 'POST', image: string, more?: Record<string, string>) => Promise<void>

/** A gateway with the two builds of `version` and one that never starts. */
export interface SoakWorld extends Fixture {
  url: string
  deploy: Deploy
}

const VERSIONS = ['version-a', 'version-b']
const BROKEN = 'process.exit(3)'

/** Starts it in this process. */
export const openWorld = async (options: Partial<FixtureOptions> = {}): Promise<SoakWorld> => {
  const fixture = await startFixture({
    functions: { broken: BROKEN },
    env: { AUTH_MODE: 'dev', DATABASE_URL: 'postgres://nobody@localhost/nothing' },
    built: VERSIONS.map((name) => `test/functions/${name}`),
    ...options,
  })
  const { url } = fixture.gateway
  return {
    ...fixture,
    url,
    deploy: async (method, image, more = {}) => {
      const response = await fetch(`${url}/system/functions`, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ service: 'version', image: `registry.example/junction/${image}:latest`, ...more }),
      })
      if (response.status !== 202)
        throw new Error(`${method} ${image}: ${response.status} ${(await response.text()).slice(0, 500)}`)
    },
  }
}
