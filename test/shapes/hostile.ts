/** The inputs of the hostile-input catalogue that concern the spine. */
export const HOSTILE_IDS = [
  ...['H01', 'H02', 'H03', 'H04', 'H05', 'H06', 'H07', 'H08', 'H09', 'H10', 'H11', 'H12', 'H13', 'H14', 'H15'],
  ...['H16', 'H17', 'H18', 'H19', 'H20', 'H21', 'H22', 'H23', 'H24', 'H25', 'H26', 'H27', 'H28', 'H29'],
]

/** The names of the tests that send an input, or why there is none. */
type Proof = string[] | { reason: string }

/** How one input is answered over HTTP and what becomes of it as an event. */
export interface Coverage {
  http: Proof
  event: Proof
}

const noEvent = { reason: 'a matter of HTTP: it never becomes an event' }
const decode = (id: string): string[] => [`${id} on the log is dead-lettered as decode`]
const validation = (id: string): string[] => [`${id} on the log is dead-lettered as validation`]
const gateway = (id: string): Coverage => ({ http: [`${id} at the gateway`], event: noEvent })

/** Each hostile input and what shows that it is stood up to. */
export const HOSTILE: Record<string, Coverage> = {
  H01: { http: ['H01 an empty body: 400'], event: decode('H01') },
  H02: { http: ['H02 truncated JSON: 400', 'H02 trailing garbage: 400'], event: decode('H02') },
  H03: {
    http: ['H03 1 MiB + 1 byte announced: 413 before reading'],
    event: ['H03 as an event call: 413', 'H03 is refused by the log'],
  },
  H04: { http: ['H04 1 MiB + 1 byte in chunks: 413 and close'], event: noEvent },
  H05: { http: ['H05 depth 65: 400', 'H05 half a million arrays: 400'], event: decode('H05') },
  H06: { http: ['H06 as many keys as fit: 400'], event: decode('H06') },
  H07: { http: ['H07 __proto__: 400'], event: validation('H07') },
  H08: { http: ['H08 constructor.prototype: 400'], event: validation('H08') },
  H09: { http: ['H09 a repeated key: 400'], event: decode('H09') },
  H10: { http: ['H10 an unsafe integer: 400'], event: validation('H10') },
  H11: { http: ['H11 1e400: 400', 'H11 NaN: 400', 'H11 Infinity: 400'], event: validation('H11') },
  H12: { http: ['H12 U+0000: 400'], event: validation('H12') },
  H13: { http: ['H13 a lone surrogate: 400'], event: validation('H13') },
  H14: { http: ['H14 invalid UTF-8: 400'], event: decode('H14') },
  H15: {
    http: ['H15 a byte order mark: 400', 'H15 UTF-16: 400', 'H15 charset=utf-16: 415'],
    event: decode('H15'),
  },
  // Event calls take no compressed bodies at all, so the bomb is turned away as an encoding, not as a size.
  H16: { http: ['H16 a gzip bomb: 413'], event: ['H16 as an event call: 415'] },
  H17: { http: ['H17 a brotli bomb: 415'], event: noEvent },
  H18: { http: ['H18 gzip three times: 415'], event: noEvent },
  // The bytes of an archive are no JSON, which is found before any schema is looked at.
  H19: { http: ['H19 a zip: 415', 'H19 a zip that claims to be JSON: 400'], event: decode('H19') },
  H20: { http: ['H20 application/json<TAB>a: 415'], event: noEvent },
  H21: { http: ['H21 application/json garbage: 415'], event: noEvent },
  H22: { http: ['H22 JSON that poses as an upload: 400'], event: noEvent },
  H23: {
    http: ['H23 no Content-Type: 415', 'H23 text/plain: 415'],
    event: ['H23 as an event call: the schema decides'],
  },
  H24: {
    http: [
      ...['a length and chunks', 'two lengths', 'a folded header', 'a bare line feed'].flatMap((what) => [
        `H24 ${what} at the function: 400 and close`,
        `H24 ${what} at the gateway: 400 and close`,
      ]),
    ],
    event: noEvent,
  },
  H25: {
    http: ['function', 'gateway'].flatMap((at) => [
      `H25 17 KB of headers at the ${at}: 431`,
      `H25 2,000 headers at the ${at}: 431`,
    ]),
    event: noEvent,
  },
  H26: { http: ['H26 slow headers: 408 within 10 s', 'H26 a slow body: 408 within 30 s'], event: noEvent },
  H27: gateway('H27'),
  H28: gateway('H28'),
  H29: { http: ['H29 at the function', 'H29 at the gateway'], event: noEvent },
}
