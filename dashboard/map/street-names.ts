import { type Map as GlMap, Marker } from 'maplibre-gl'
import { middleOf } from '#shared/contracts/positions.ts'
import { nameOf, type Segments, worstOf } from '../traffic/city.ts'
import { boxAt, type Side, sideOf, withRoom } from './labels.ts'

const NAMED = 5
/** More are tried, as some of a kind lie on one street. */
const TRIED = 24

/** Writes the names of the worst streets and of the chosen one on the map. */
export interface StreetNames {
  show(segments: Segments, chosen: string | undefined): void
}

/** A name on the map, beside its road. */
interface Label {
  marker: Marker
  side: Side
}

/** Names are HTML, for which no server of letters is needed. */
export function streetNames(map: GlMap): StreetNames {
  let labels = new Map<string, Label>()

  const place = () => {
    const all = [...labels.values()]
    const boxes = all.map(({ marker, side }) => {
      const { offsetWidth: width, offsetHeight: height } = marker.getElement()
      return boxAt(map.project(marker.getLngLat()), side, { width, height })
    })
    const { clientWidth: width, clientHeight: height } = map.getCanvas()
    for (const [i, fits] of withRoom(boxes, { width, height }).entries())
      all[i]?.marker.getElement().classList.toggle('crowded', !fits)
  }
  map.on('moveend', place)
  map.on('resize', place)

  const newLabel = (segments: Segments, segment: string): Label | undefined => {
    const feature = segments.get(segment)
    if (!feature?.geometry) return undefined
    const { at, degrees } = middleOf(feature.geometry)
    const side = sideOf(degrees)
    const element = document.createElement('div')
    element.className = 'street'
    // Everything a name says is in the lists, too.
    element.ariaHidden = 'true'
    element.textContent = nameOf(feature.properties)
    const marker = new Marker({ element, anchor: side.anchor, offset: side.offset })
    return { marker: marker.setLngLat(at).addTo(map), side }
  }

  return {
    show(segments, chosen) {
      const before = labels
      labels = new Map()
      for (const segment of namedOf(segments, chosen)) {
        const label = before.get(segment) ?? newLabel(segments, segment)
        before.delete(segment)
        label?.marker.getElement().classList.toggle('chosen', segment === chosen)
        if (label) labels.set(segment, label)
      }
      for (const { marker } of before.values()) marker.remove()
      place()
    },
  }
}

/** The chosen segment, and the worst ones of the worst streets. */
function namedOf(segments: Segments, chosen: string | undefined): string[] {
  const byName = new Map<string, string>()
  const first = chosen === undefined ? undefined : segments.get(chosen)?.properties
  for (const status of first ? [first, ...worstOf(segments, TRIED)] : worstOf(segments, TRIED)) {
    const name = nameOf(status)
    if (byName.size < NAMED && !byName.has(name)) byName.set(name, status.segment)
  }
  return [...byName.values()]
}
