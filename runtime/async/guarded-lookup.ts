import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { isForbiddenAddress } from './callback-url.ts'

type Found = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

/** Finds the addresses of a name, as `lookup` of node:dns does. */
export type Lookup = (host: string, options: LookupOptions, found: Found) => void

/**
 * A lookup that fails for names which lead to an address nobody may be called back at. A name may lead elsewhere than when
 * it was looked at: what counts is where the connection goes.
 */
export const guardedLookup =
  (resolve: Lookup = lookup): Lookup =>
  (host, options, found) =>
    resolve(host, options, (error, address, family) => {
      if (error) return found(error, '')
      const addresses = Array.isArray(address) ? address.map((one) => one.address) : [address]
      if (addresses.some(isForbiddenAddress))
        return found(new Error('nobody is called back at an address of that kind'), '')
      return found(null, address, family)
    })
