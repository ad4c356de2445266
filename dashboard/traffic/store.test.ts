import { describe, expect, it } from '@jest/globals'
import { featureOf, stateOf } from './fixture.ts'
import { trafficStore } from './store.ts'
import { summaryOf } from './words.ts'

const asOf = Date.parse('2012-03-01T08:03:00Z')

function city() {
  const planned: (() => void)[] = []
  const clock = { now: 5000 }
  const store = trafficStore(
    (run) => planned.push(run),
    () => clock.now,
  )
  let told = 0
  store.subscribe(() => {
    told += 1
  })
  store.replace({ asOf, features: [featureOf({ segment: 'a' }), featureOf({ segment: 'b' })] }, [])
  return { store, planned, clock, told: () => told }
}
const levels = (store: ReturnType<typeof trafficStore>) =>
  [...store.get().segments.values()].map(({ id, properties }) => `${id} ${properties.level}`)

describe('the store', () => {
  it('tells of many changes once', () => {
    const { store, planned, told } = city()
    const before = store.get()
    expect(store.patch(stateOf({ segment: 'a' }))).toBe(true)
    expect(store.patch(stateOf({ segment: 'b', level: 'queuing' }))).toBe(true)
    expect([planned.length, told(), store.get()]).toEqual([1, 1, before])
    planned[0]?.()
    expect(told()).toBe(2)
    expect(levels(store)).toEqual(['a slow', 'b queuing'])
    expect(store.get().asOf).toBe(Date.parse('2012-03-01T08:04:00Z'))
    expect([...before.segments.values()].map(({ properties }) => properties.level)).toEqual(['free', 'free'])
  })

  it('says so when it does not know the segment of a change', () => {
    const { store, planned } = city()
    expect(store.patch(stateOf({ segment: 'c' }))).toBe(false)
    expect(planned).toEqual([])
  })

  it('keeps what came while the status was read', () => {
    const { store } = city()
    store.replace({ asOf, features: [featureOf({ segment: 'a' })] }, [stateOf({ segment: 'a', level: 'heavy' })])
    expect(levels(store)).toEqual(['a heavy'])
  })

  it('takes the time of a status, also back', () => {
    const { store, planned } = city()
    store.patch(stateOf({ segment: 'a' }))
    planned[0]?.()
    store.replace({ asOf, features: [] }, [])
    expect(store.get().asOf).toBe(asOf)
  })

  it('tells of another link only when it is another', () => {
    const { store, told } = city()
    store.setLink('reconnecting')
    expect(told()).toBe(1)
    store.setLink('live')
    expect([told(), store.get().link]).toEqual([2, 'live'])
  })
  it('takes what is two windows old for unknown while the city is silent, and only then', () => {
    const { store, planned, clock } = city()
    store.patch(stateOf({ segment: 'b', observedAt: '2012-03-01T08:04:00.000Z' }))
    planned.shift()?.()
    clock.now += 11 * 60_000 + 1
    store.setLink('live')
    expect([levels(store), planned]).toEqual([['a free', 'b slow'], []])
    store.setLink('stale')
    planned.shift()?.()
    // `b` was observed at 08:04; `a` may have been until its window ended, a minute later.
    expect(levels(store)).toEqual(['a free', 'b unknown'])
    clock.now += 60_000
    store.setLink('stale')
    planned.shift()?.()
    expect(levels(store)).toEqual(['a unknown', 'b unknown'])
    expect(summaryOf(store.get().segments)).toBe('Nothing was measured lately on any of 2 segments.')
    expect(store.get().asOf).toBe(Date.parse('2012-03-01T08:04:00Z'))
  })

  it('believes the city again as soon as it answers', () => {
    const { store, planned, clock } = city()
    clock.now += 60 * 60_000
    store.setLink('stale')
    planned.shift()?.()
    store.replace({ asOf, features: [featureOf({ segment: 'a' })] }, [])
    store.setLink('stale')
    expect([levels(store), planned]).toEqual([['a free'], []])
  })
})
