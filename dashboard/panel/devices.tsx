import type { SegmentDevices } from '#shared/contracts/page.ts'
import { span } from '../traffic/clock.ts'
import './devices.css'

/** The devices that measure a segment, and when each was last heard. */
export function Devices(props: { devices: SegmentDevices['devices']; asOf: number; windowMs: number }) {
  const { devices, asOf, windowMs } = props
  return (
    <section className="devices" aria-labelledby="devices-title">
      <h3 id="devices-title" className="caption">
        Measured by
      </h3>
      {devices.length === 0 && <p className="quiet small">No device is assigned to this segment.</p>}
      <ul>
        {devices.map(({ device, observedAt }) => {
          const age = observedAt === null ? undefined : Math.max(0, asOf - Date.parse(observedAt))
          const silent = age === undefined || age > 2 * windowMs
          return (
            <li key={device} data-silent={silent || undefined}>
              <span>{device}</span>
              <span>
                {age === undefined ? 'no reading yet' : silent ? `silent for ${span(age)}` : `${span(age)} ago`}
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
