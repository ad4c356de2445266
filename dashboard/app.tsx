import { lazy, Suspense, useState } from 'react'
import type { ForecastFeed } from './forecast/forecast-feed.ts'
import { type Shown, useShown } from './forecast/use-shown.ts'
import { ListView } from './list/list-view.tsx'
import { hasWebGl } from './map/has-web-gl.ts'
import { SegmentPanel } from './panel/segment-panel.tsx'
import { useRoute } from './route.ts'
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
export function App({ store, feed, client }: { store: TrafficStore; feed: ForecastFeed; client: CityClient }) {
  const traffic = useTraffic(store)
  const shown = useShown(feed, traffic, useRoute())
  const [drawable] = useState(hasWebGl)
  return (
    <>
      <Header shown={shown} />
      {shown.route.view === 'operator' ? (
        <main className="body" data-view="operator">
          <Suspense fallback={<p className="notice quiet">One moment…</p>}>
            <OperatorView timeZone={traffic.settings?.timeZone ?? null} forecasts={shown.forecasts} />
          </Suspense>
        </main>
      ) : traffic.segments.size === 0 ? (
        <main className="body" data-plain="true">
          <Notice traffic={traffic} />
        </main>
      ) : (
        <City shown={shown} now={traffic} client={client} drawable={drawable} />
      )}
    </>
  )
}

function City(props: { shown: Shown; now: Traffic; client: CityClient; drawable: boolean }) {
  const { shown, now, client, drawable } = props
  const { route } = shown
  const drawn = route.view === 'map' && drawable
  return (
    <div
      className="body"
      data-view={drawn ? 'map' : 'list'}
      data-panel={route.segment === undefined ? undefined : 'open'}
    >
      <Overview shown={shown} />
      <main className="stage" aria-label={drawn ? 'Map' : 'List'}>
        {drawn ? (
          <Suspense fallback={<p className="notice quiet">Drawing the map…</p>}>
            <MapView shown={shown} now={now} />
          </Suspense>
        ) : (
          <>
            {route.view === 'map' && (
              <p className="no-map" role="status">
                This browser cannot draw the map (it has no WebGL), so here is the list.
              </p>
            )}
            <ListView shown={shown} now={now} />
          </>
        )}
      </main>
      {route.segment !== undefined && <SegmentPanel shown={shown} now={now} client={client} />}
    </div>
  )
}
