import { useDeferredValue, useMemo, useState } from 'react'
import type { Shown } from '../forecast/use-shown.ts'
import { clockOf } from '../traffic/clock.ts'
import type { Traffic } from '../traffic/store.ts'
import { counted } from '../traffic/words.ts'
import { AHEAD_COLUMNS, NOW_COLUMNS } from './columns.ts'
import { AheadRow, NowRow } from './list-row.tsx'
import './list-view.css'
import { type Column, type Order, type Row, sorted } from './sort.ts'

const PAGE = 100

/** Every segment in a table, as it is shown: the map for those who cannot see one, and for those who want figures. */
export function ListView({ shown, now }: { shown: Shown; now: Traffic }) {
  const { route, traffic, time } = shown
  const [order, setOrder] = useState<Order>({ column: 'level', down: false })
  const [all, setAll] = useState(false)
  // A long list may lag behind; what people do with the page may not.
  const segments = useDeferredValue(traffic.segments)
  const present = useDeferredValue(now.segments)
  const ahead = useDeferredValue(shown.ahead)
  const rows = useMemo(() => {
    const unsorted = [...segments.values()].map(
      ({ id, properties: status }): Row => ({
        status,
        expected: ahead?.expected.get(id),
        nowKmh: present.get(id)?.properties.speedKmh ?? null,
      }),
    )
    return sorted(unsorted, order)
  }, [segments, present, ahead, order])
  const timeZone = traffic.settings?.timeZone ?? null
  const clock = useMemo(() => clockOf(timeZone), [timeZone])
  const page = all ? rows : rows.slice(0, PAGE)
  const sortBy = (column: Column) => setOrder({ column, down: order.column === column && !order.down })

  return (
    <section className="list" aria-label={time === undefined ? 'All segments' : `All segments, forecast for ${time}`}>
      <table>
        <thead>
          <tr>
            {(ahead ? AHEAD_COLUMNS : NOW_COLUMNS).map(([column, label, unit]) => (
              <th
                key={column}
                scope="col"
                className={column}
                aria-sort={order.column === column ? (order.down ? 'descending' : 'ascending') : undefined}
              >
                <button type="button" onClick={() => sortBy(column)}>
                  {label}
                  {unit && <small> {unit}</small>}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {page.map((row) => {
            const { segment } = row.status
            const line = { minutes: route.minutes, chosen: segment === route.segment }
            return ahead ? (
              <AheadRow key={segment} {...row} {...line} />
            ) : (
              <NowRow key={segment} status={row.status} {...line} clock={clock} />
            )
          })}
        </tbody>
      </table>
      {rows.length > PAGE && (
        <p className="more">
          {counted(page.length)} of {counted(rows.length)} segments.{' '}
          <button type="button" onClick={() => setAll(!all)}>
            {all ? `Show the first ${PAGE}` : `Show all ${counted(rows.length)}`}
          </button>
        </p>
      )}
    </section>
  )
}
