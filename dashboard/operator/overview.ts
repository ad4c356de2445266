import type { ConsumerStatus, RuntimeStatus } from '#shared/contracts/runtime-status.ts'
import type { SensorHealthPage, SensorTrouble } from '#shared/contracts/sensor-health.ts'
import { span } from '../traffic/clock.ts'
import { counted, plural } from '../traffic/words.ts'

/** Something that needs a hand: why, what that means, and the section that tells more. */
export interface Concern {
  /** The same for as long as it lasts, while its numbers change. */
  key: string
  level: 'bad' | 'warn'
  reason: string
  what: string
  section: 'functions' | 'consumers' | 'dead-letters' | 'sensors' | 'forecasts'
}

/** That nothing new comes in: the first concern of all. */
export const faultConcern = (fault: string, since: string | undefined): Concern => ({
  key: 'fault',
  level: 'bad',
  reason: fault,
  what: since === undefined ? 'nothing can be shown' : `what is shown is from ${since}`,
  section: 'functions',
})

/** How old the oldest waiting event may be before somebody should look. */
const BEHIND_MS = 60_000
/** Some sensor always has a fault; a city has one when more than this share of them has. */
const SENSOR_SHARE = 0.05

/** What needs a hand, the worst first. */
export function concernsOf(status: RuntimeStatus | undefined, sensors: SensorHealthPage | undefined): Concern[] {
  const concerns = [...(status ? runtimeConcerns(status) : []), ...(sensors ? sensorConcerns(sensors) : [])]
  for (const concern of concerns) concern.reason = capital(concern.reason)
  return concerns.sort((a, b) => Number(b.level === 'bad') - Number(a.level === 'bad'))
}

function runtimeConcerns({ connector, functions, deadLetters, forecasts }: RuntimeStatus): Concern[] {
  const concerns: Concern[] = []
  if (!connector.ready) {
    const reason = connector.error ?? 'The connector has not looked at the log yet'
    concerns.push({ key: 'connector', level: 'bad', reason, what: 'nothing is delivered', section: 'consumers' })
  }
  for (const consumer of connector.consumers) concerns.push(...consumerConcerns(consumer))
  for (const { name, crashesInRow: crashes } of functions) {
    if (crashes === 0) continue
    const reason = crashes === 1 ? 'A crash' : `${counted(crashes)} crashes in a row`
    const what = `${name} has not answered since`
    concerns.push({ key: `crash ${name}`, level: 'warn', reason, what, section: 'functions' })
  }
  const open = deadLetters.reduce((sum, { open }) => sum + open, 0)
  if (open > 0) {
    const reason = plural(open, 'dead letter')
    const what = `${deadLetters.map(({ consumer }) => consumer).join(', ')} could not take ${open === 1 ? 'it' : 'them'}`
    concerns.push({ key: 'letters', level: 'warn', reason, what, section: 'dead-letters' })
  }
  if (forecasts) concerns.push(...forecastConcerns(forecasts))
  return concerns
}

/** Some road is always silent; forecasting has a fault when less than this share of them is the model's. */
const MODEL_SHARE = 0.95

function forecastConcerns({ sources }: NonNullable<RuntimeStatus['forecasts']>): Concern[] {
  const made = sources.model + sources.profile + sources.persistence
  if (sources.model >= MODEL_SHARE * made) return []
  const reason = `${counted(made - sources.model)} of ${plural(made, 'forecast')} not from the model`
  const what = `${counted(sources.profile)} from what is usual, ${counted(sources.persistence)} from the newest speed`
  return [{ key: 'forecasts', level: 'warn', reason, what, section: 'forecasts' }]
}

function consumerConcerns({ consumer, state, error, code, forMs = 0, lag, oldestAgeMs }: ConsumerStatus): Concern[] {
  const waiting = plural(lag, 'event waits', 'events wait')
  const about = { key: `${state} ${consumer}`, section: 'consumers' as const }
  if (state === 'running') {
    if (lag === 0 || oldestAgeMs < BEHIND_MS) return []
    return [{ ...about, level: 'warn', reason: waiting, what: `${consumer} is ${span(oldestAgeMs)} behind` }]
  }
  const stopped = state === 'stop'
  const what = `${consumer} has been ${stopped ? 'stopped' : 'paused'} for ${span(forMs)}${lag > 0 ? `, ${waiting}` : ''}`
  return [{ ...about, level: stopped ? 'bad' : 'warn', reason: error ?? code ?? 'Unknown', what }]
}

const TROUBLES: [trouble: SensorTrouble, one: string, more: string][] = [
  ['silent', 'sensor is silent', 'sensors are silent'],
  ['malformed', 'sensor sends malformed readings', 'sensors send malformed readings'],
  ['late', 'sensor sends late', 'sensors send late'],
]

function sensorConcerns({ counts }: SensorHealthPage): Concern[] {
  const concerns: Concern[] = []
  for (const [trouble, one, more] of TROUBLES) {
    const count = counts[trouble]
    if (count <= SENSOR_SHARE * (counts.ok + count)) continue
    const what = counts.ok === 0 ? 'none is well' : `${counted(counts.ok)} ${counts.ok === 1 ? 'is' : 'are'} well`
    concerns.push({ key: trouble, level: 'warn', reason: plural(count, one, more), what, section: 'sensors' })
  }
  return concerns
}

/** What is said of the sensors while all is well: faults too few to need a hand. */
export function fewTroubles({ counts }: SensorHealthPage): string {
  return TROUBLES.filter(([trouble]) => counts[trouble] > 0)
    .map(([trouble, one, more]) => plural(counts[trouble], one, more))
    .join(', ')
}

/** What is read out when it changes: how much needs a hand, without the numbers that change all the time. */
export function spoken(concerns: Concern[]): string {
  return concerns.length === 0 ? 'All well' : plural(concerns.length, 'thing needs a hand', 'things need a hand')
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
