import { useEffect, useMemo, useRef, useState } from 'react'
import 'maplibre-gl/dist/maplibre-gl.css'
import { hollowOf } from '../forecast/ahead.ts'
import type { Shown } from '../forecast/use-shown.ts'
import { rangeOf, SOURCES } from '../forecast/words.ts'
import { hrefOf } from '../route.ts'
import { nameOf } from '../traffic/city.ts'
import { lookOf } from '../traffic/levels.ts'
import type { Traffic } from '../traffic/store.ts'
import { whole } from '../traffic/words.ts'
import { useTheme } from '../ui/use-theme.ts'
import './map-view.css'
import { openRoadMap, type Pointed, type RoadMap } from './road-map.ts'

/** The segments on a map as they are shown; a click on one opens its panel. */
export function MapView({ shown, now }: { shown: Shown; now: Traffic }) {
  const box = useRef<HTMLDivElement>(null)
  const map = useRef<RoadMap>(undefined)
  const [pointed, setPointed] = useState<Pointed>()
  const theme = useTheme()
  const { traffic, route, ahead } = shown
  const { segments, settings } = traffic
  const { segment } = route
  const hollow = useMemo(() => hollowOf(ahead), [ahead])
  const content = { segments, chosen: segment, hollow, theme }
  const latest = useRef({ content, route })
  latest.current = { content, route }
  const styleUrl = settings?.mapStyleUrl ?? null

  useEffect(() => {
    const container = box.current
    if (!container) return
    const { content } = latest.current
    const onChoose = (segment: string | undefined) => {
      location.hash = hrefOf({ ...latest.current.route, segment })
    }
    const made = openRoadMap({ container, content, styleUrl, onChoose, onPoint: setPointed })
    map.current = made
    return () => {
      map.current = undefined
      made.close()
    }
  }, [styleUrl])

  useEffect(() => map.current?.show({ segments, chosen: segment, hollow, theme }), [segments, segment, hollow, theme])

  return (
    <>
      <div className="map" ref={box} />
      <button type="button" className="fit" onClick={() => map.current?.fit()}>
        Whole city
      </button>
      {ahead && <ForWhen shown={shown} />}
      {pointed && <Tip pointed={pointed} shown={shown} now={now} />}
    </>
  )
}

/** Says on the map itself that this is not how the traffic is. */
function ForWhen({ shown: { ahead, time } }: { shown: Shown }) {
  return (
    <p className="for-when">
      {time === undefined || ahead?.standing !== 'here' ? 'No forecast' : `Forecast for ${time}`}
    </p>
  )
}

function Tip({ pointed: { segment, x, y }, shown, now }: { pointed: Pointed; shown: Shown; now: Traffic }) {
  const status = shown.traffic.segments.get(segment)?.properties
  if (!status) return null
  const { level, speedKmh } = status
  const expected = shown.ahead?.expected.get(segment)
  return (
    <p className="tip" aria-hidden="true" style={{ transform: `translate(${x}px, ${y}px)` }}>
      <span>
        <b>{nameOf(status)}</b>
        {shown.ahead && !expected ? 'No forecast' : lookOf(level).label}
        {speedKmh !== null && `, ${whole(speedKmh)} km/h`}
        {expected && expected.point.p10Kmh !== null && ` (${rangeOf(expected.point)})`}
        {shown.ahead && <small>now {whole(now.segments.get(segment)?.properties.speedKmh ?? null)} km/h</small>}
        {expected && expected.source !== 'model' && <small>from the {SOURCES[expected.source]}</small>}
      </span>
    </p>
  )
}
