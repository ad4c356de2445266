import { hrefOf, type Route } from '../route.ts'
import './time-switch.css'

/** A choice of the time that the city is shown at. */
export interface Choice {
  /** Undefined for now. */
  minutes: number | undefined
  /** Time of day; undefined where it is not known yet. */
  time: string | undefined
}

interface TimeSwitchProps {
  choices: Choice[]
  /** The time of day from which minutes are counted; undefined where there is no forecast. */
  from: string | undefined
  route: Route
}

/** Switches the city between now and what is expected; the address follows. */
export function TimeSwitch({ choices, from, route }: TimeSwitchProps) {
  const counted = from === undefined ? undefined : `Minutes count from the newest full window, which began at ${from}`
  return (
    <fieldset className="when" title={counted}>
      <legend className="away">Time shown</legend>
      {choices.map(({ minutes, time }) => (
        <label key={minutes ?? 0}>
          <input
            type="radio"
            name="when"
            className="away"
            checked={minutes === route.minutes}
            // The keys walk through all of them: that is one step back, not five.
            onChange={() => location.replace(hrefOf({ ...route, minutes }))}
          />
          <b>{minutes === undefined ? 'Now' : `${minutes} min`}</b> <small>{time ?? '–'}</small>
        </label>
      ))}
    </fieldset>
  )
}
