import type { SensorHealth, SensorHealthPage, SensorState } from '#shared/contracts/sensor-health.ts'
import { hrefOf } from '../route.ts'
import { type Clock, clockOf, span } from '../traffic/clock.ts'
import { Section } from './section.tsx'
import './sensors.css'
import { counted, plural } from '../traffic/words.ts'
import type { Part } from './snapshot.ts'
import type { Operator } from './use-operator.ts'

interface SensorsProps {
  sensors: Part<SensorHealthPage>
  operator: Operator
  timeZone: string | null
}

const STATES: SensorState[] = ['silent', 'malformed', 'late', 'ok']
const STEP = 50
const MOST = 1_000

/** How the sensors are: how many in each state, the troubled ones first. */
export function Sensors({ sensors, operator, timeZone }: SensorsProps) {
  const { filter, setFilter } = operator
  const { value } = sensors
  const clock = clockOf(timeZone)
  const shown = (value?.sensors ?? []).filter(({ states }) => filter.state !== undefined || !states.includes('ok'))
  return (
    <Section
      id="sensors"
      title="Sensors"
      part={sensors}
      absent="The city does not tell how its sensors are."
      aside={value && <p className="quiet">last 24 h</p>}
    >
      {value && (
        <>
          <div className="states">
            {STATES.map((state) => (
              <button
                key={state}
                type="button"
                aria-pressed={filter.state === state}
                onClick={() => setFilter({ state: filter.state === state ? undefined : state, sensors: STEP })}
              >
                <b data-state={value.counts[state] > 0 ? state : undefined}>{counted(value.counts[state])}</b> {state}
              </button>
            ))}
          </div>
          {value.strangers.refused24h > 0 && (
            <p className="strangers">
              {plural(value.strangers.refused24h, 'reading')} refused that cannot be put down to a sensor
              {value.strangers.lastRefusal && <>; why the last was: {value.strangers.lastRefusal.error}</>}
            </p>
          )}
          {shown.length === 0 && (
            <p className="quiet">{filter.state === undefined ? 'Every sensor is well.' : `None is ${filter.state}.`}</p>
          )}
          <ul className="sensors">
            {shown.map((sensor) => (
              <Sensor key={sensor.device} sensor={sensor} asOf={value.asOf} clock={clock} />
            ))}
          </ul>
          {shown.length === filter.sensors && filter.sensors < MOST && (
            <p className="act">
              <button type="button" onClick={() => setFilter({ sensors: Math.min(MOST, filter.sensors * 4) })}>
                Show more
              </button>
            </p>
          )}
        </>
      )}
    </Section>
  )
}

function Sensor({ sensor, asOf, clock }: { sensor: SensorHealth; asOf: string; clock: Clock }) {
  const { device, segment, states, lastRefusal } = sensor
  return (
    <li data-device={device}>
      <p className="device">
        {segment === null ? device : <a href={hrefOf({ view: 'map', segment, minutes: undefined })}>{device}</a>}
        {segment === null ? <small>on no road</small> : segment !== device && <small>{segment}</small>}
      </p>
      <p className="trouble">
        {states.map((state) => (
          <span key={state} data-state={state}>
            {troubleOf(state, sensor)}
          </span>
        ))}
      </p>
      <p className="heard">{heardOf(sensor.lastObservedAt, asOf, clock)}</p>
      {lastRefusal && (
        <p className="refusal">
          <time dateTime={lastRefusal.at}>{clock.time(Date.parse(lastRefusal.at))}</time> refused: {lastRefusal.error}
        </p>
      )}
    </li>
  )
}

function troubleOf(state: SensorState, { late24h, refused24h, flagged24h }: SensorHealth): string {
  if (state === 'late') return `${counted(late24h)} late`
  if (state !== 'malformed') return state
  const parts = [
    refused24h > 0 ? `${counted(refused24h)} refused` : '',
    flagged24h > 0 ? `${counted(flagged24h)} out of range` : '',
  ]
  return parts.filter(Boolean).join(', ')
}

function heardOf(lastObservedAt: string | null, asOf: string, clock: Clock): string {
  if (lastObservedAt === null) return 'never heard'
  const [at, now] = [Date.parse(lastObservedAt), Date.parse(asOf)]
  const day = clock.day(at, now)
  return `heard ${day === undefined ? '' : `${day}, `}${clock.time(at)}, ${span(now - at)} ago`
}
