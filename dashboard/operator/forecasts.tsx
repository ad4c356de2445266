import type { ForecastSource } from '#shared/contracts/forecast.ts'
import type { HorizonAccuracy } from '#shared/contracts/traffic-forecasts.ts'
import type { Forecasts } from '../forecast/forecast-feed.ts'
import { SOURCES } from '../forecast/words.ts'
import { clockOf } from '../traffic/clock.ts'
import { counted } from '../traffic/words.ts'
import type { OperatorClient } from './client.ts'
import './forecasts.css'
import { Section, TableBox } from './section.tsx'
import { serviceOf } from './service.ts'
import { useAccuracy } from './use-accuracy.ts'

interface ForecastSectionProps {
  client: OperatorClient
  forecasts: Forecasts
  timeZone: string | null
}

/** Who makes the forecasts, and how far off they have been, beside what costs nothing. */
export function ForecastSection({ client, forecasts, timeZone }: ForecastSectionProps) {
  const accuracy = useAccuracy(client)
  const { value } = accuracy
  return (
    <Section
      id="forecasts"
      title="Forecasts"
      part={accuracy}
      absent="The city does not tell how good its forecasts are."
      aside={
        value && <p className="quiet">last 24 h, errors in km/h; newest and usual speed in the place of the model</p>
      }
    >
      <InService forecasts={forecasts} timeZone={timeZone} />
      {value?.horizons.length === 0 ? (
        <p className="quiet">No forecast has been scored yet: that takes until the time it was made for has passed.</p>
      ) : (
        <Horizons horizons={value?.horizons ?? []} />
      )}
    </Section>
  )
}

function InService({ forecasts: { known, failed }, timeZone }: { forecasts: Forecasts; timeZone: string | null }) {
  if (!known) return failed ? <p className="fault">The newest forecasts could not be read.</p> : null
  if (known.madeAt === undefined)
    return <p className="warn">There is no current forecast: predict-traffic has made none lately.</p>
  const { model, counts } = serviceOf(known)
  const made = clockOf(timeZone).time(known.madeAt)
  const sources = (Object.keys(SOURCES) as ForecastSource[]).filter((source) => counts[source] > 0)
  return (
    <p className="service">
      Model in service:{' '}
      {model === null ? <b className="warn">none</b> : <code title={model}>{model.slice(0, 12)}</code>}. Newest
      forecasts made {made}:{' '}
      {sources.map((source) => `${counted(counts[source])} from the ${SOURCES[source]}`).join(', ')}.
    </p>
  )
}

/** The share of speeds that a band should hold, and how far from it somebody should look. */
const [AIM, OFF] = [0.8, 0.05]
const kmh = (value: number | null | undefined) => (value == null ? '–' : value.toFixed(1))
const share = (value: number | null) => (value === null ? '–' : `${(100 * value).toFixed(1)} %`)

function Horizons({ horizons }: { horizons: HorizonAccuracy[] }) {
  return (
    <TableBox name="forecasts">
      <thead>
        <tr>
          <td />
          <td />
          <th scope="colgroup" colSpan={2}>
            As served
          </th>
          <th scope="colgroup" colSpan={2}>
            Model
          </th>
          <th scope="colgroup" colSpan={2}>
            Newest speed
          </th>
          <th scope="colgroup" colSpan={2}>
            Usual speed
          </th>
          <th scope="colgroup" colSpan={2}>
            80 % band
          </th>
          <th scope="colgroup" colSpan={3}>
            Share from
          </th>
        </tr>
        <tr>
          <th scope="col">Ahead</th>
          <th scope="col">Scored</th>
          <th scope="col">MAE</th>
          <th scope="col">RMSE</th>
          <th scope="col">MAE</th>
          <th scope="col">RMSE</th>
          <th scope="col">MAE</th>
          <th scope="col">RMSE</th>
          <th scope="col">MAE</th>
          <th scope="col">RMSE</th>
          <th scope="col">Held</th>
          <th scope="col">Width</th>
          <th scope="col">Model</th>
          <th scope="col">Usual</th>
          <th scope="col">Newest</th>
        </tr>
      </thead>
      <tbody>
        {horizons.map((one) => (
          <Horizon key={one.minutes} one={one} />
        ))}
      </tbody>
    </TableBox>
  )
}

function Horizon({ one }: { one: HorizonAccuracy }) {
  const { minutes, n, maeKmh, rmseKmh, coverage, widthKmh, sources, model, persistence, profile } = one
  const worse = model !== null && persistence !== null && model.maeKmh > persistence.maeKmh
  return (
    <tr>
      <th scope="row">{minutes} min</th>
      <td>{counted(n)}</td>
      <td>
        <b>{kmh(maeKmh)}</b>
      </td>
      <td>
        <b>{kmh(rmseKmh)}</b>
      </td>
      <td className={worse ? 'warn' : undefined}>{kmh(model?.maeKmh)}</td>
      <td>{kmh(model?.rmseKmh)}</td>
      <td>{kmh(persistence?.maeKmh)}</td>
      <td>{kmh(persistence?.rmseKmh)}</td>
      <td>{kmh(profile?.maeKmh)}</td>
      <td>{kmh(profile?.rmseKmh)}</td>
      <td className={coverage !== null && Math.abs(coverage - AIM) > OFF ? 'warn' : undefined}>{share(coverage)}</td>
      <td>{kmh(widthKmh)}</td>
      <td>{share(sources.model)}</td>
      <td>{share(sources.profile)}</td>
      <td>{share(sources.persistence)}</td>
    </tr>
  )
}
