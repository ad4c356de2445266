import { lazy, Suspense, useState } from 'react'
import { ListView } from './list/list-view.tsx'
import { hasWebGl } from './map/has-web-gl.ts'
import { SegmentPanel } from './panel/segment-panel.tsx'
import { type Route, useRoute } from './route.ts'
import type { CityClient } from './traffic/client.ts'
import type { Traffic, TrafficStore } from './traffic/store.ts'
import { useTraffic } from './traffic/use-traffic.ts'
import { Header } from './ui/header.tsx'
import { Notice } from './ui/notice.tsx'
import { Overview } from './ui/overview.tsx'

const MapView = lazy(() => import('./map/map-view.tsx').then(({ MapView }) => ({ default: MapView })))
const OperatorView = lazy(() =>
  import('./operator/operator-view.tsx').then(({ OperatorView }) => ({ default: OperatorView })),
)

/** The page: what is shown follows the address behind its `#`. */
export function App({ store, client }: { store: TrafficStore; client: CityClient }) {
  const route = useRoute()
  const traffic = useTraffic(store)
  const [drawable] = useState(hasWebGl)
  return (
    <>
      <Header traffic={traffic} route={route} />
      {route.view === 'operator' ? (
        <main className="body" data-view="operator">
          <Suspense fallback={<p className="notice quiet">One moment…</p>}>
            <OperatorView timeZone={traffic.settings?.timeZone ?? null} />
          </Suspense>
        </main>
      ) : traffic.segments.size === 0 ? (
        <main className="body" data-plain="true">
          <Notice traffic={traffic} />
        </main>
      ) : (
        <City traffic={traffic} route={route} client={client} drawable={drawable} />
      )}
    </>
  )
}

function City(props: { traffic: Traffic; route: Route; client: CityClient; drawable: boolean }) {
  const { traffic, route, client, drawable } = props
  const drawn = route.view === 'map' && drawable
  return (
    <div
      className="body"
      data-view={drawn ? 'map' : 'list'}
      data-panel={route.segment === undefined ? undefined : 'open'}
    >
      <Overview segments={traffic.segments} route={route} />
      <main className="stage" aria-label={drawn ? 'Map' : 'List'}>
        {drawn ? (
          <Suspense fallback={<p className="notice quiet">Drawing the map…</p>}>
            <MapView traffic={traffic} segment={route.segment} />
          </Suspense>
        ) : (
          <>
            {route.view === 'map' && (
              <p className="no-map" role="status">
                This browser cannot draw the map (it has no WebGL), so here is the list.
              </p>
            )}
            <ListView traffic={traffic} segment={route.segment} />
          </>
        )}
      </main>
      {route.segment !== undefined && <SegmentPanel traffic={traffic} route={route} client={client} />}
    </div>
  )
}
