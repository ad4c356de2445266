import { useEffect, useRef, useState } from 'react'
import 'maplibre-gl/dist/maplibre-gl.css'
import { hrefOf } from '../route.ts'
import { nameOf } from '../traffic/city.ts'
import { lookOf } from '../traffic/levels.ts'
import type { Traffic } from '../traffic/store.ts'
import { whole } from '../traffic/words.ts'
import { useTheme } from '../ui/use-theme.ts'
import './map-view.css'
import { openRoadMap, type Pointed, type RoadMap } from './road-map.ts'

const choose = (segment: string | undefined) => {
  location.hash = hrefOf({ view: 'map', segment })
}

/** The segments on a map; a click on one opens its panel. */
export function MapView({ traffic, segment }: { traffic: Traffic; segment: string | undefined }) {
  const box = useRef<HTMLDivElement>(null)
  const map = useRef<RoadMap>(undefined)
  const [pointed, setPointed] = useState<Pointed>()
  const theme = useTheme()
  const { segments, settings } = traffic
  const content = { segments, chosen: segment, theme }
  const latest = useRef(content)
  latest.current = content
  const styleUrl = settings?.mapStyleUrl ?? null

  useEffect(() => {
    const container = box.current
    if (!container) return
    const made = openRoadMap({ container, content: latest.current, styleUrl, onChoose: choose, onPoint: setPointed })
    map.current = made
    return () => {
      map.current = undefined
      made.close()
    }
  }, [styleUrl])

  useEffect(() => map.current?.show({ segments, chosen: segment, theme }), [segments, segment, theme])

  return (
    <>
      <div className="map" ref={box} />
      <button type="button" className="fit" onClick={() => map.current?.fit()}>
        Whole city
      </button>
      {pointed && <Tip pointed={pointed} traffic={traffic} />}
    </>
  )
}

function Tip({ pointed: { segment, x, y }, traffic }: { pointed: Pointed; traffic: Traffic }) {
  const status = traffic.segments.get(segment)?.properties
  if (!status) return null
  return (
    <p className="tip" aria-hidden="true" style={{ transform: `translate(${x}px, ${y}px)` }}>
      <span>
        <b>{nameOf(status)}</b>
        {lookOf(status.level).label}
        {status.speedKmh !== null && `, ${whole(status.speedKmh)} km/h`}
      </span>
    </p>
  )
}
