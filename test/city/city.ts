import { pino } from 'pino'
import { cityApi } from '#functions/city/api.ts'
import { postgresBus } from '#shared/bus/postgres.ts'
import { topics } from '#shared/contracts/topics.ts'
import type { TrafficState } from '#shared/contracts/traffic.ts'
import { endOf, tail } from '#shared/function/tail.ts'
import { freshDatabase } from '#test/postgres.ts'

/** The function `city` on a real PostgreSQL, with a clock that the test sets. */
export async function openCity(now: string) {
  const { database, drop } = await freshDatabase()
  const bus = postgresBus(database)
  const draining = new AbortController()
  const clock = { now }
  const never = () => Promise.reject(new Error('city only reads'))
  const app = cityApi({
    sql: database,
    emit: never,
    unit: never,
    tail: (topic, from, signal) => tail(bus, topic, from, signal),
    end: (topic) => endOf(bus, topic),
    now: async () => new Date(clock.now),
    settings: { windowMs: 300_000, lateAfterMs: 900_000, silentAfterMs: 900_000, acceptPastMs: 0, acceptFutureMs: 0 },
    assets: '',
    caller: async () => ({ role: 'anonymous' }),
    draining: draining.signal,
    atExit: () => {},
    counter: () => () => {},
    gauge: () => () => {},
    log: pino({ level: 'silent' }),
  })
  return {
    app,
    clock,
    database,
    /** Puts state changes on the log. */
    append: (...states: TrafficState[]) =>
      bus.append(
        states.map((state) => ({
          topic: 'traffic.states',
          partition: 0,
          key: state.segment,
          id: topics['traffic.states'].id(state),
          type: topics['traffic.states'].type,
          attributes: { source: 'test' },
          data: Buffer.from(JSON.stringify(state)),
        })),
      ),
    async close() {
      draining.abort()
      await bus.close()
      await drop()
    },
  }
}

/** Three roads at 08:06: slow, silent since 07:50, never measured. */
export const ROADS = `
  insert into segment (segment, geometry, located_at, lanes, length_km, free_flow_kmh) values
    ('harbor', '{"type":"LineString","coordinates":[[-118.3,34.1],[-118.2,34.2]]}', '-infinity', 3, 1.5, 100),
    ('silent', '{"type":"Point","coordinates":[-118.4,34.3]}', '-infinity', null, null, 90),
    ('new', null, '-infinity', null, null, null);
  insert into window_state (segment, "window", window_end, n, speed, free_flow_kmh, ratio, level, confidence, observed_at,
      open, rev) values
    ('harbor', '2012-03-01T07:50Z', '2012-03-01T07:55Z', 3, 90, 100, 0.9, 'free', 0.7, '2012-03-01T07:54Z', false, 1),
    ('harbor', '2012-03-01T07:55Z', '2012-03-01T08:00Z', 3, 70, 100, 0.7, 'heavy', 0.7, '2012-03-01T07:59Z', false, 1),
    ('harbor', '2012-03-01T08:00Z', '2012-03-01T08:05Z', 2, 48, 100, 0.48, 'slow', 0.9, '2012-03-01T08:04Z', true, 2),
    ('silent', '2012-03-01T07:45Z', '2012-03-01T07:50Z', 1, 88, 90, 0.98, 'free', 0.7, '2012-03-01T07:49Z', true, 1);`
