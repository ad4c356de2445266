import { describe, expect, it } from '@jest/globals'
import { cityClient } from './client.ts'
import { featureOf } from './fixture.ts'

const base = 'http://city.test/function/city/'
const range = { from: '2012-03-01T00:00:00Z', to: '2012-03-02T00:00:00Z' }
const { signal } = new AbortController()

function clientOf(answers: Record<string, () => Response>) {
  const asked: string[] = []
  const fetch = async (url: string | URL | Request) => {
    const path = String(url).slice(base.length)
    asked.push(path)
    return answers[path]?.() ?? new Response('', { status: 404 })
  }
  return { asked, client: cityClient((path) => new URL(path, base), fetch) }
}

describe('reading the status', () => {
  it('follows the link to the next page, relative to the one it was on', async () => {
    const page = (segment: string, link?: string) => () =>
      Response.json(
        { type: 'FeatureCollection', features: [featureOf({ segment })] },
        { headers: { 'as-of': '2012-03-01T08:05:00.000Z', ...(link === undefined ? {} : { link }) } },
      )
    const { asked, client } = clientOf({
      'api/traffic-status': page('a', '<?after=a>; rel="next"'),
      'api/traffic-status?after=a': page('b'),
    })
    const status = await client.status()
    expect(status.features.map(({ id }) => id)).toEqual(['a', 'b'])
    expect(status.asOf).toBe(Date.parse('2012-03-01T08:05:00Z'))
    expect(asked).toEqual(['api/traffic-status', 'api/traffic-status?after=a'])
  })

  it('fails where a page fails', async () => {
    const { client } = clientOf({
      'api/traffic-status': () =>
        Response.json({ type: 'FeatureCollection', features: [] }, { headers: { link: '<?after=a>; rel="next"' } }),
    })
    await expect(client.status()).rejects.toThrow('/function/city/api/traffic-status answered 404')
  })
})

describe('reading of one segment', () => {
  it('asks for exactly this name and range', async () => {
    const query = 'from=2012-03-01T00%3A00%3A00Z&to=2012-03-02T00%3A00%3A00Z'
    const { asked, client } = clientOf({
      [`api/traffic-status/a%2Fb%3F/history?${query}`]: () => Response.json({ states: [] }),
      [`api/traffic-status/a%2Fb%3F/profile?${query}`]: () => Response.json({ slots: [] }),
      'api/traffic-status/a%2Fb%3F/devices': () => Response.json({ devices: [{ device: 'x', observedAt: null }] }),
    })
    expect(await client.history('a/b?', range, signal)).toEqual([])
    expect(await client.profile('a/b?', range, signal)).toEqual([])
    expect(await client.devices('a/b?', signal)).toEqual([{ device: 'x', observedAt: null }])
    expect(asked).toHaveLength(3)
  })

  it('asks for what is expected of it, and of all', async () => {
    const { asked, client } = clientOf({
      'api/traffic-status/a%2Fb%3F/forecast': () => Response.json({ segment: 'a/b?' }),
      'api/traffic-forecasts': () =>
        Response.json({ asOf: 'then', segments: ['a'] }, { headers: { link: '<?after=a>; rel="next"' } }),
      'api/traffic-forecasts?after=a': () => Response.json({ asOf: 'now', segments: ['b'] }),
      'api/forecast-accuracy?hours=24': () => Response.json({ horizons: [] }),
    })
    expect(await client.forecast('a/b?', signal)).toEqual({ segment: 'a/b?' })
    expect(await client.forecasts()).toEqual({ asOf: 'now', segments: ['a', 'b'] })
    expect(await client.accuracy(signal)).toEqual({ horizons: [] })
    expect(asked).toHaveLength(4)
  })
})
