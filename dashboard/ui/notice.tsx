import { gatewayUrl } from '../service.ts'
import type { Traffic } from '../traffic/store.ts'
import './notice.css'

/** What is shown in place of a city: it is being read, it does not answer, or nothing is known of it yet. */
export function Notice({ traffic }: { traffic: Traffic }) {
  if (traffic.asOf === 0 && traffic.link === 'stale')
    return (
      <section className="notice" role="alert">
        <h2>The city does not answer</h2>
        <p>
          {navigator.onLine ? 'The page keeps trying, and shows the traffic as soon as it can.' : 'You are offline.'}
        </p>
      </section>
    )
  if (traffic.asOf === 0)
    return (
      <section className="notice" aria-busy="true">
        <p className="quiet">Reading the traffic of the city…</p>
      </section>
    )
  return (
    <section className="notice">
      <h2>No segment is known yet</h2>
      <p>Streets appear here as soon as the city knows of them. Either of these is enough:</p>
      <ul>
        <li>
          post a reading with a location to <code>{gatewayUrl('function/ingest').href}</code>
        </li>
        <li>
          load a road network: <code>junction network load FILE</code>
        </li>
      </ul>
    </section>
  )
}
