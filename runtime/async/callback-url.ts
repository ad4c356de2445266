import { BlockList, isIP } from 'node:net'

/** Whom a caller may have called back. */
export interface CallbackRule {
  /** Whether the caller may name any host: an operator, or whoever is on this machine with AUTH_MODE=dev. */
  trusted: boolean
  /** `host:port` by which the caller reached this gateway. What it names there is called without a look at the network. */
  ownHost: string | undefined
  /** Hosts that anybody may name, `host` or `host:port`. */
  allowed: string[]
}

/** Where a call is to be told of. */
export interface Callback {
  /** As it is called, a function of this gateway as the path alone. */
  url: string
  /** Not everybody may name it. */
  byTrust: boolean
}

/** A URL that can be no callback, or none for this caller: `status` is 400 or 403. */
export class CallbackRefused extends Error {
  override name = 'CallbackRefused'
  readonly status: 400 | 403
  constructor(status: 400 | 403, message: string) {
    super(message)
    this.status = status
  }
}

const LONGEST = 2_048
const OWN_PATH = /^\/(?:async-)?function\/[^/?]/

/** Metadata services of clouds are at link-local addresses; the others name nobody. */
const never = new BlockList()
never.addSubnet('169.254.0.0', 16)
never.addSubnet('224.0.0.0', 3)
never.addSubnet('0.0.0.0', 8)
never.addSubnet('fe80::', 10, 'ipv6')
never.addSubnet('ff00::', 8, 'ipv6')
never.addAddress('::', 'ipv6')
never.addAddress('fd00:ec2::254', 'ipv6')

/** Whether an address is nobody's to be called back at, whoever asks. */
export const isForbiddenAddress = (address: string): boolean => {
  const family = isIP(address)
  return family !== 0 && never.check(address, family === 6 ? 'ipv6' : 'ipv4')
}

/** Checks `X-Callback-Url`; throws `CallbackRefused`, without the URL in its text. */
export const readCallback = (text: string, { trusted, ownHost, allowed }: CallbackRule): Callback => {
  const url = parse(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw bad('must be an http or https URL')
  if (url.username || url.password) throw bad('must not hold a user or a password')
  if (isForbiddenAddress(url.hostname.replace(/^\[|\]$/g, '')))
    throw new CallbackRefused(403, 'X-Callback-Url: nobody is called back at an address of that kind')
  url.hash = ''
  const own = url.protocol === 'http:' && url.host === ownHost?.toLowerCase().replace(/:80$/, '')
  // Not by the network: the name of this host is the caller's word.
  if (own && OWN_PATH.test(url.pathname)) return { url: url.pathname + url.search, byTrust: false }
  const byTrust = !allowed.includes(url.hostname) && !allowed.includes(url.host)
  if (trusted || !byTrust) return { url: url.href, byTrust }
  throw new CallbackRefused(
    403,
    "X-Callback-Url: callers without the operator's token may name a function of this gateway or a host of CALLBACK_HOSTS",
  )
}

const parse = (text: string): URL => {
  if (text.length > LONGEST) throw bad(`must have at most ${LONGEST} characters`)
  try {
    return new URL(text)
  } catch {
    throw bad('must be an http or https URL')
  }
}

const bad = (what: string) => new CallbackRefused(400, `X-Callback-Url ${what}`)
