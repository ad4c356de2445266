import type { LinkState } from '../traffic/link.ts'
import type { Traffic } from '../traffic/store.ts'
import './link-mark.css'

const SAID: Record<LinkState, string> = { live: 'live', reconnecting: 'reconnecting', stale: 'stale, trying again' }

/** Whether the picture is live: a word, a colour and a shape. */
export function LinkMark({ traffic: { link, asOf } }: { traffic: Traffic }) {
  const connecting = link === 'reconnecting' && asOf === 0
  const offline = link !== 'live' && !navigator.onLine
  return (
    <p id="link" data-state={link} role="status">
      <span className="dot" aria-hidden="true" />
      {offline ? 'offline' : connecting ? 'connecting' : SAID[link]}
    </p>
  )
}
