import type { Forecasts } from '../forecast/forecast-feed.ts'
import { Consumers } from './consumers.tsx'
import { DeadLetters } from './dead-letters.tsx'
import { ForecastSection } from './forecasts.tsx'
import { Functions } from './functions.tsx'
import { OverviewLine } from './overview-line.tsx'
import './operator.css'
import { Sensors } from './sensors.tsx'
import { SignIn } from './sign-in.tsx'
import { withoutFault } from './snapshot.ts'
import { useOperator } from './use-operator.ts'

/** What the people who run the city see: functions, consumers, dead letters, sensors, and how good the forecasts are. */
export function OperatorView({ timeZone, forecasts }: { timeZone: string | null; forecasts: Forecasts }) {
  const operator = useOperator()
  const { status: told, letters, sensors, locked } = operator.snapshot
  if (locked !== undefined)
    return <SignIn refused={operator.signedIn ? locked : undefined} onSignIn={operator.signIn} />
  // The overview tells it first, and once.
  const status = withoutFault(told, told.fault)
  return (
    <div id="operator">
      <OverviewLine operator={operator} timeZone={timeZone} />
      {told.absent ? (
        <p className="foreign">
          This gateway is not Junction's own, so functions, consumers and dead letters are not shown here.
        </p>
      ) : (
        (told.value || !told.fault) && (
          <>
            <Functions status={status} />
            <Consumers status={status} operator={operator} />
            <DeadLetters letters={withoutFault(letters, told.fault)} status={status} operator={operator} />
          </>
        )
      )}
      <Sensors sensors={withoutFault(sensors, told.fault)} operator={operator} timeZone={timeZone} />
      <ForecastSection client={operator.client} forecasts={forecasts} timeZone={timeZone} />
    </div>
  )
}
