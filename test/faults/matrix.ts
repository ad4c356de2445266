import { BUSES, type BusName, type Row } from './row.ts'

/** The rows of the fault catalogue that this suite answers for. */
export const CATALOGUE = [
  ...['T01', 'T02', 'T03', 'T04', 'T05', 'T06', 'T07', 'T08', 'T09', 'T10', 'T11', 'T12', 'T13', 'T14', 'T15', 'T16'],
  ...['T17', 'T18', 'T19', 'T20', 'T21', 'T22', 'T23', 'T31', 'T32', 'T33', 'T35', 'T36', 'T37', 'T38', 'T39', 'T40'],
  ...['T41', 'T42', 'T46', 'T47', 'T50', 'T52', 'T53', 'T54', 'T55', 'T56', 'T57', 'T58', 'T59', 'T60', 'T61'],
]

/** Rows of this project's own: promises that the catalogue asks of no single row. */
export const OWN = ['A01', 'A02']

const NEEDS_A_LOG = 'the way from a log to a function is what fails: there is nothing to deliver without a bus'
const FUNCTION_ONLY =
  'the same code runs on every bus once a slice is read: what fails lies behind that, tried on PostgreSQL'
const NO_DELIVERY = 'no log takes part: it is tried once, without a bus'

const SECURED =
  'no row of its own: TLS, wrong authorities, expired and renewed certificates, renewed secrets and refused plaintext are tried on the real server by'

/** Why a row is not tried on a bus, where what it is about does not say so by itself. */
const REASONS: Record<string, Partial<Record<BusName, string>>> = {
  T46: {
    postgres: 'PostgreSQL syncs at each COMMIT: its crash is T20',
    kafka: 'the broker acknowledges what its replicas have, not what is synced: a killed broker is T02',
  },
  T47: {
    postgres: 'there are no acknowledgements to expire: the log is read by position',
    kafka: 'there are no acknowledgements to expire: the log is read by position, the committed offset is a copy',
    nats: 'there are no acknowledgements to expire: an ordered consumer reads by the sequence of the stored position',
    none: NEEDS_A_LOG,
  },
  T52: {
    kafka:
      'the broker tells clients its own address, so no proxy stays between: tried by test/bus/kafka-log.server.ts, with a session that fetches nothing',
  },
  T53: {
    kafka: 'the broker tells clients its own address: a name is asked for at the first connection only',
    nats: 'dialed anew by the same resolver as PostgreSQL: a server that is away is T02',
  },
  T54: {
    postgres: 'DATABASE_URL has no TLS of its own: PostgreSQL lies on a Unix socket or a private network',
    kafka: `${SECURED} test/bus/kafka-secured.server.ts`,
    nats: `${SECURED} test/bus/nats-secured.server.ts`,
    none: NEEDS_A_LOG,
  },
}

/** How a row stands on a bus: it runs, or the reason why not. */
export type Cell = 'runs' | { reason: string }

/** Every row of the catalogue and of our own on every bus; undefined where there is neither code nor a reason. */
export function matrixOf(rows: Row[]): Record<string, Record<BusName, Cell | undefined>> {
  const cells = [...CATALOGUE, ...OWN].map((id) => {
    const row = rows.find((one) => one.id === id)
    return [id, Object.fromEntries(BUSES.map((bus) => [bus, cellOf(id, row, bus)]))] as const
  })
  return Object.fromEntries(cells) as Record<string, Record<BusName, Cell | undefined>>
}

function cellOf(id: string, row: Row | undefined, bus: BusName): Cell | undefined {
  if (row?.buses.includes(bus)) return 'runs'
  const reason = REASONS[id]?.[bus] ?? usualReason(row, bus)
  return reason === undefined ? undefined : { reason }
}

function usualReason(row: Row | undefined, bus: BusName): string | undefined {
  if (row === undefined) return undefined
  if (row.buses.includes('none')) return NO_DELIVERY
  if (bus === 'none') return NEEDS_A_LOG
  return row.buses.join() === 'postgres' ? FUNCTION_ONLY : undefined
}
