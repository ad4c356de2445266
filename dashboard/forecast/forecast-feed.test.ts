import { describe, expect, it } from '@jest/globals'
import type { TrafficForecasts } from '#shared/contracts/traffic-forecasts.ts'
import { answerOf } from './fixture.ts'
import { forecastFeed } from './forecast-feed.ts'

const WINDOW = 5 * 60_000
const at = (time: string) => Date.parse(`2012-03-01T${time}Z`)

/** A city that answers when it is told to. */
function city() {
  const asked: { answer(value: TrafficForecasts): void; fail(): void }[] = []
  const clock = { now: 0 }
  const feed = forecastFeed(
    () => new Promise((resolve, reject) => asked.push({ answer: resolve, fail: () => reject(new Error('down')) })),
    () => clock.now,
  )
  let told = 0
  const heard = () => new Promise<void>((resolve) => feed.subscribe(resolve))
  feed.subscribe(() => {
    told += 1
  })
  return { feed, asked, clock, told: () => told, heard }
}

describe('the feed of forecasts', () => {
  it('reads once, however often the city tells something', () => {
    const { feed, asked } = city()
    expect(feed.get()).toEqual({ known: undefined, failed: false })
    for (let news = 0; news < 100; news++) feed.look(at('08:07:00') + news, WINDOW)
    expect(asked).toHaveLength(1)
  })

  it('reads again when newer ones are due, and not before', async () => {
    const { feed, asked, clock, heard, told } = city()
    feed.look(at('08:07:00'), WINDOW)
    const read = heard()
    asked[0]?.answer(answerOf({ segment: 'a' }))
    await read
    expect([told(), feed.get().known?.from]).toEqual([1, at('08:00:00')])
    clock.now = 60_000
    feed.look(at('08:10:59'), WINDOW)
    expect(asked).toHaveLength(1)
    feed.look(at('08:11:00'), WINDOW)
    expect(asked).toHaveLength(2)
  })

  it('leaves a city in peace for a while that has none yet, or whose time flies', async () => {
    const { feed, asked, clock, heard } = city()
    feed.look(at('08:07:00'), WINDOW)
    const read = heard()
    asked[0]?.answer(answerOf({ segment: 'a', forecast: null }))
    await read
    clock.now = 9_999
    feed.look(at('20:00:00'), WINDOW)
    expect(asked).toHaveLength(1)
    clock.now = 10_000
    feed.look(at('20:00:00'), WINDOW)
    expect(asked).toHaveLength(2)
  })

  it('keeps what it knows where a read fails, says so, and tries again', async () => {
    const { feed, asked, clock, heard } = city()
    feed.look(at('08:07:00'), WINDOW)
    const first = heard()
    asked[0]?.fail()
    await first
    expect(feed.get()).toEqual({ known: undefined, failed: true })
    clock.now = 20_000
    feed.look(at('08:07:20'), WINDOW)
    const second = heard()
    asked[1]?.answer(answerOf({ segment: 'a' }))
    await second
    expect(feed.get()).toMatchObject({ known: { readAt: 20_000 }, failed: false })
    clock.now = 300_000
    feed.look(at('08:12:00'), WINDOW)
    const third = heard()
    asked[2]?.fail()
    await third
    expect(feed.get()).toMatchObject({ known: { readAt: 20_000 }, failed: true })
  })
})
