import { useMemo, useState } from 'react'
import type { PageSettings } from '#shared/contracts/page.ts'
import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import { clockOf } from '../traffic/clock.ts'
import { whole } from '../traffic/words.ts'
import { useTheme } from '../ui/use-theme.ts'
import { Chart } from './chart.tsx'
import './past-day.css'
import type { Past } from './past.ts'
import { bandOf, type Series, seriesOf, toldOf } from './series.ts'

/** A segment's last 24 hours against what is usual. */
export function PastDay(props: { status: TrafficStatus; past: Past; settings: PageSettings }) {
  const { status, past } = props
  const { windowMs, timeZone } = props.settings
  const [pointed, setPointed] = useState<number>()
  const theme = useTheme()
  const clock = useMemo(() => clockOf(timeZone), [timeZone])
  const series = useMemo(() => seriesOf(past, status, windowMs), [past, status, windowMs])
  return (
    <section className="past" aria-labelledby="past-title">
      <h3 id="past-title" className="caption">
        Last 24 hours, km/h
      </h3>
      <div role="img" aria-label={toldOf(series)}>
        <Chart series={series} clock={clock} timeZone={timeZone} theme={theme} onPoint={setPointed} />
      </div>
      <p className="small quiet" aria-hidden={pointed !== undefined}>
        {pointed === undefined || series.times[pointed] === undefined ? (
          <>
            {past.slots.length > 0 && <i className="swatch" />}
            {bandOf(past.slots)}
          </>
        ) : (
          `${clock.time(series.times[pointed])}: ${pointedOf(series, pointed)}`
        )}
      </p>
    </section>
  )
}

function pointedOf({ speed, p10, p90 }: Series, i: number): string {
  const [measured = null, low = null, high = null] = [speed[i], p10[i], p90[i]]
  const said = measured === null ? 'not measured' : `${whole(measured)} km/h`
  return low === null ? said : `${said}, usually ${whole(low)}–${whole(high)}`
}
