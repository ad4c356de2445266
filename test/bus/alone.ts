import type { Leases } from '#shared/bus/lease.ts'

/** Whoever is alone has everything. */
export const alone: Leases = {
  async join(_pool, shares, onChange) {
    onChange(shares)
    return { leave: async () => {} }
  },
}
