import { type Map as GlMap, Marker } from 'maplibre-gl'
import { nameOf, type Segments, worstOf } from '../traffic/city.ts'
import { middleOf } from './features.ts'
import { withRoom } from './labels.ts'

const NAMED = 5
/** More are tried, as some of a kind lie on one street or have no room. */
const TRIED = 24
const GAP = 6

/** Writes the names of the worst streets and of the chosen one on the map. */
export interface StreetNames {
  show(segments: Segments, chosen: string | undefined): void
}

/** Names are HTML, for which no server of letters is needed. */
export function streetNames(map: GlMap): StreetNames {
  let markers: { name: string; marker: Marker }[] = []

  const place = () => {
    const canvas = map.getCanvas()
    const boxes = markers.map(({ marker }) => {
      const { x, y } = map.project(marker.getLngLat())
      const { offsetWidth: width, offsetHeight: height } = marker.getElement()
      return { left: x - width / 2, top: y - height - GAP, width, height }
    })
    const frame = { width: canvas.clientWidth, height: canvas.clientHeight }
    for (const [i, fits] of withRoom(boxes, frame).entries())
      markers[i]?.marker.getElement().classList.toggle('crowded', !fits)
  }
  map.on('moveend', place)
  map.on('resize', place)

  return {
    show(segments, chosen) {
      const ids = worstOf(segments, TRIED).map(({ segment }) => segment)
      const named = new Map<string, { id: string; chosen: boolean }>()
      for (const id of chosen === undefined ? ids : [chosen, ...ids]) {
        const feature = segments.get(id)
        if (!feature?.geometry || (named.size >= NAMED && id !== chosen)) continue
        const name = nameOf(feature.properties)
        if (!named.has(name)) named.set(name, { id, chosen: id === chosen })
      }
      const kept = new Map(markers.map((entry) => [entry.name, entry]))
      markers = []
      for (const [name, { id, chosen: isChosen }] of named) {
        const geometry = segments.get(id)?.geometry
        if (!geometry) continue
        const marker = kept.get(name)?.marker ?? newMarker(name).setLngLat(middleOf(geometry)).addTo(map)
        kept.delete(name)
        marker.setLngLat(middleOf(geometry))
        marker.getElement().classList.toggle('chosen', isChosen)
        markers.push({ name, marker })
      }
      for (const { marker } of kept.values()) marker.remove()
      place()
    },
  }
}

function newMarker(name: string): Marker {
  const element = document.createElement('div')
  element.className = 'street'
  // Everything a name says is in the lists, too.
  element.ariaHidden = 'true'
  element.textContent = name
  return new Marker({ element, anchor: 'bottom', offset: [0, -GAP] })
}
