import type { Sql } from '#shared/state/sql.ts'
import type { Partition } from './port.ts'

/** Shares what there is to deliver among all who take part, through the tables of migration 006. */
export interface Leases {
  /** Takes part in a pool of shares; `onChange` is told the whole part, at first (before this resolves) and whenever it changes. */
  join(pool: string, shares: string[], onChange: (part: string[]) => void): Promise<Lease>
}

/** Part of a pool, until `leave` gives it back at once; what could not be given back expires. */
export interface Lease {
  leave(): Promise<void>
}

/** Who takes part, and how soon others notice. */
export interface LeaseOptions {
  /** One name for each place a connector runs in: started anew there, it has what was its own at once. */
  holder: string
  /** Whoever has not been heard of for this long has nothing more. */
  expiryMs?: number
  lookMs?: number
}

interface Member {
  shares: string[]
  onChange(part: string[]): void
  told: string | undefined
}

interface Row {
  pool: string
  share: string
  surplus: boolean
}

/** Prepares to take part; nothing is asked before the first `join`. While the database is down everybody keeps what they have. */
export function openLeases(sql: Sql, { holder, expiryMs = 45_000, lookMs = 2_000 }: LeaseOptions): Leases {
  const members = new Map<string, Member>()
  let surplus: Row[] = []
  let timer: NodeJS.Timeout | undefined
  let last: Promise<void> = Promise.resolve()
  let queued: Promise<void> | undefined

  async function lookOnce(): Promise<void> {
    clearTimeout(timer)
    try {
      if (members.size === 0) {
        surplus = []
        await sql.query('delete from lease_holder where holder = $1', [holder])
      } else await takePart()
    } finally {
      if (members.size > 0) timer = setTimeout(() => void look().catch(() => {}), lookMs).unref()
    }
  }

  async function takePart(): Promise<void> {
    const wanted = [...members].flatMap(([pool, { shares }]) => shares.map((share) => ({ pool, share })))
    const { rows } = await sql.query<Row>(
      `select pool, share, surplus from lease_look($1, $2 * interval '1 ms', $3, $4, $5, $6)`,
      [holder, expiryMs, ...columns(wanted), ...columns(surplus)],
    )
    surplus = rows.filter((row) => row.surplus)
    for (const [pool, member] of members) {
      const part = rows.filter((row) => row.pool === pool && !row.surplus).map(({ share }) => share)
      const told = part.join(' ')
      if (told === member.told) continue
      member.told = told
      member.onChange(part)
    }
  }

  /** A look that has not begun yet: one serves all who ask for it. */
  function look(): Promise<void> {
    queued ??= last.then(() => {
      queued = undefined
      const looked = lookOnce()
      last = looked.catch(() => {})
      return looked
    })
    return queued
  }

  return {
    async join(pool, shares, onChange) {
      if (members.has(pool)) throw new Error(`${holder} takes part in ${pool} already`)
      members.set(pool, { shares, onChange, told: undefined })
      try {
        await look()
      } catch (error) {
        members.delete(pool)
        throw error
      }
      return {
        async leave() {
          members.delete(pool)
          await look().catch(() => {})
        },
      }
    },
  }
}

/** Takes part in the partitions of a consumer. */
export function leasePartitions(
  leases: Leases,
  pool: string,
  partitions: Partition[],
  onChange: (part: Partition[]) => void,
): Promise<Lease> {
  const byName = new Map(partitions.map((one) => [`${one.topic}/${one.partition}`, one]))
  return leases.join(pool, [...byName.keys()], (part) => onChange(part.flatMap((name) => byName.get(name) ?? [])))
}

const columns = (shares: { pool: string; share: string }[]): [string[], string[]] => [
  shares.map(({ pool }) => pool),
  shares.map(({ share }) => share),
]
