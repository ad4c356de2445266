import { useDeferredValue, useMemo, useState } from 'react'
import { clockOf } from '../traffic/clock.ts'
import type { Traffic } from '../traffic/store.ts'
import { counted } from '../traffic/words.ts'
import { ListRow } from './list-row.tsx'
import './list-view.css'
import { type Column, type Order, sorted } from './sort.ts'

const PAGE = 100

const COLUMNS: [column: Column, label: string, unit?: string][] = [
  ['name', 'Segment'],
  ['level', 'Level'],
  ['speed', 'Speed', 'km/h'],
  ['freeFlow', 'Free flow', 'km/h'],
  ['share', 'Of free flow', '%'],
  ['jam', 'Jam factor', '0–10'],
  ['confidence', 'Confidence', '%'],
  ['window', 'Measured'],
]

/** Every segment in a table: the map for those who cannot see one, and for those who want figures. */
export function ListView({ traffic, segment }: { traffic: Traffic; segment: string | undefined }) {
  const [order, setOrder] = useState<Order>({ column: 'level', down: false })
  const [all, setAll] = useState(false)
  // A long list may lag behind; what people do with the page may not.
  const segments = useDeferredValue(traffic.segments)
  const rows = useMemo(
    () =>
      sorted(
        [...segments.values()].map(({ properties }) => properties),
        order,
      ),
    [segments, order],
  )
  const timeZone = traffic.settings?.timeZone ?? null
  const clock = useMemo(() => clockOf(timeZone), [timeZone])
  const shown = all ? rows : rows.slice(0, PAGE)
  const sortBy = (column: Column) => setOrder({ column, down: order.column === column && !order.down })

  return (
    <section className="list" aria-label="All segments">
      <table>
        <thead>
          <tr>
            {COLUMNS.map(([column, label, unit]) => (
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
          {shown.map((status) => (
            <ListRow key={status.segment} status={status} clock={clock} chosen={status.segment === segment} />
          ))}
        </tbody>
      </table>
      {rows.length > PAGE && (
        <p className="more">
          {counted(shown.length)} of {counted(rows.length)} segments.{' '}
          <button type="button" onClick={() => setAll(!all)}>
            {all ? `Show the first ${PAGE}` : `Show all ${counted(rows.length)}`}
          </button>
        </p>
      )}
    </section>
  )
}
