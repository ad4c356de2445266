import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Clock } from '../traffic/clock.ts'
import type { Theme } from '../ui/use-theme.ts'
import { dayOptions, hourOptions } from './chart-options.ts'
import type { HourSeries } from './hour-series.ts'
import type { Series } from './series.ts'

const columnsOf = (series: Series | HourSeries): uPlot.AlignedData => {
  const { times, p10, p90, p50, speed } = series
  const ahead = 'now' in series ? [series.low, series.high, series.expected] : []
  return [times.map((at) => at / 1000), p10, p90, p50, speed, ...ahead]
}

/** Draws a day of speeds, or an hour before and after now; tells which window is pointed at. */
export function Chart(props: {
  series: Series | HourSeries
  clock: Clock
  timeZone: string | null
  theme: Theme
  onPoint: (index: number | undefined) => void
}) {
  const { series, clock, timeZone, theme, onPoint } = props
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const latest = useRef(series)
  latest.current = series

  useEffect(() => {
    const parent = box.current
    if (!parent) return
    const optionsOf = 'now' in latest.current ? hourOptions : dayOptions
    const made = new uPlot(
      optionsOf(parent, { clock, timeZone, theme, onPoint, series: () => latest.current }),
      columnsOf(latest.current),
      parent,
    )
    plot.current = made
    const resized = new ResizeObserver(() => made.setSize({ width: parent.clientWidth, height: made.height }))
    resized.observe(parent)
    return () => {
      resized.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [clock, timeZone, theme, onPoint])

  useEffect(() => plot.current?.setData(columnsOf(series)), [series])
  return <div ref={box} />
}
