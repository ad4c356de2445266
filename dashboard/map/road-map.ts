import {
  type GeoJSONSource,
  Map as GlMap,
  NavigationControl,
  type PointLike,
  ScaleControl,
  type StyleSpecification,
} from 'maplibre-gl'
import type { Segments } from '../traffic/city.ts'
import type { Theme } from '../ui/use-theme.ts'
import { carryPicture } from './carry-picture.ts'
import { type Bounds, boundsOf, collectionOf, marksKey, marksOf, samePlaces } from './features.ts'
import { MARKS, ROADS, roadLayers, TOUCHED } from './layers.ts'
import { streetNames } from './street-names.ts'

/** What the map is to show. */
export interface MapContent {
  segments: Segments
  chosen: string | undefined
  /** Those drawn as two thin lines: a forecast that is not the model's. */
  hollow: ReadonlySet<string>
  theme: Theme
}

/** Where on the map a segment is pointed at. */
export interface Pointed {
  segment: string
  x: number
  y: number
}

/** A map of segments that draws what it is told. */
export interface RoadMap {
  show(content: MapContent): void
  /** Shows the whole city again. */
  fit(): void
  close(): void
}

/** How the map is made. */
export interface RoadMapOptions {
  container: HTMLElement
  content: MapContent
  styleUrl: string | null
  onChoose(segment: string | undefined): void
  onPoint(pointed: Pointed | undefined): void
}

const LICENCE = '<a href="https://maplibre.org/" target="_blank" rel="noreferrer">MapLibre</a>'
const ANYWHERE: Bounds = [-10, 35, 30, 60]
/** Without a style the ground is the page's own. */
const PLAIN: StyleSpecification = { version: 8, sources: {}, layers: [] }
const REACH = { mouse: 5, touch: 14 }

/** Draws the segments on a plain ground, or on the style that the city names. */
export function openRoadMap({ container, content, styleUrl, onChoose, onPoint }: RoadMapOptions): RoadMap {
  const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16
  const padding = Math.min(40 * scale, 0.08 * container.clientHeight)
  const bounds = () => boundsOf(shown.segments.values()) ?? ANYWHERE
  let shown = content
  let ready = false
  /** A view that somebody chose stays when roads are added. */
  let chosenView = false

  const map = new GlMap({
    container,
    style: styleUrl ?? PLAIN,
    bounds: bounds(),
    fitBoundsOptions: { padding, maxZoom: 16 },
    attributionControl: { compact: false, customAttribution: LICENCE },
    dragRotate: false,
    pitchWithRotate: false,
    maxPitch: 0,
    renderWorldCopies: false,
    fadeDuration: 0,
    locale: { 'Map.Title': 'Map of the traffic; the list holds the same' },
  })
  map.touchZoomRotate.disableRotation()
  map.keyboard.disableRotation()
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right')
  map.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-left')
  const names = streetNames(map)
  carryPicture(map)
  for (const kind of ['pointerdown', 'wheel', 'keydown'])
    container.addEventListener(kind, () => (chosenView = true), { passive: true })
  const showAll = () => map.fitBounds(bounds(), { padding, maxZoom: 16 })

  const draw = (before: MapContent) => {
    for (const [id, { properties }] of shown.segments)
      if (before.segments.get(id)?.properties.level !== properties.level)
        map.setFeatureState({ source: ROADS, id }, { level: properties.level })
    if (marksKey(before) !== marksKey(shown)) map.getSource<GeoJSONSource>(MARKS)?.setData(marksOf(shown))
    names.show(shown.segments, shown.chosen)
  }

  const lookAt = (segment: string | undefined) => {
    const at =
      segment === undefined ? undefined : boundsOf([{ geometry: shown.segments.get(segment)?.geometry ?? null }])
    if (!at) return
    const seen = map.getBounds()
    if (!seen.contains([at[0], at[1]]) || !seen.contains([at[2], at[3]]))
      map.fitBounds(at, { padding: 2 * padding, maxZoom: Math.max(14, map.getZoom()) })
  }

  // MapLibre is idle, too, before it has asked for the first tiles.
  const seeDrawn = () => {
    if (shown.segments.size > 0 && map.querySourceFeatures(ROADS).length === 0) return
    container.dataset.drawn = 'true'
    map.off('idle', seeDrawn)
  }

  const begin = () => {
    const common = { type: 'geojson', maxzoom: 14, tolerance: 0.25, buffer: 32 } as const
    map.addSource(ROADS, { ...common, data: collectionOf(shown.segments), promoteId: 'segment' })
    map.addSource(MARKS, { ...common, data: marksOf(shown) })
    for (const layer of roadLayers(shown.theme, scale))
      if (layer.id !== 'grid' || styleUrl === null) map.addLayer(layer)
    ready = true
    map.on('idle', seeDrawn)
    names.show(shown.segments, shown.chosen)
    lookAt(shown.chosen)
  }
  map.once('style.load', begin)
  map.on('error', ({ error }) => {
    // A style from elsewhere may be out of reach; the roads are not.
    if (!ready && styleUrl !== null) map.setStyle(PLAIN)
    console.warn(error.message)
  })

  const at = ({ x, y }: { x: number; y: number }, reach: number): string | undefined => {
    if (!ready) return undefined
    const box: [PointLike, PointLike] = [
      [x - reach, y - reach],
      [x + reach, y + reach],
    ]
    return map.queryRenderedFeatures(box, { layers: TOUCHED })[0]?.properties.segment as string | undefined
  }
  map.on('click', ({ point, originalEvent }) => {
    const finger = (originalEvent as PointerEvent).pointerType === 'touch'
    onChoose(at(point, finger ? REACH.touch : REACH.mouse))
  })
  map.on('mousemove', ({ point }) => {
    if (map.isMoving()) return
    const segment = at(point, REACH.mouse)
    map.getCanvas().classList.toggle('over', segment !== undefined)
    onPoint(segment === undefined ? undefined : { segment, x: point.x, y: point.y })
  })
  map.on('mouseout', () => onPoint(undefined))
  map.on('movestart', () => onPoint(undefined))

  return {
    show(next) {
      const before = shown
      shown = next
      if (!ready) return
      if (before.theme !== next.theme) repaint(map, next.theme, scale)
      if (!samePlaces(before.segments, next.segments)) {
        map.getSource<GeoJSONSource>(ROADS)?.setData(collectionOf(next.segments))
        if (!chosenView && next.chosen === undefined) showAll()
      }
      draw(before)
      if (before.chosen !== next.chosen) lookAt(next.chosen)
    },
    fit() {
      chosenView = false
      showAll()
    },
    close: () => map.remove(),
  }
}

function repaint(map: GlMap, theme: Theme, scale: number): void {
  for (const { id, paint = {} } of roadLayers(theme, scale))
    for (const [name, value] of Object.entries(paint))
      if (name.endsWith('color') && map.getLayer(id)) map.setPaintProperty(id, name as 'line-color', value)
}
