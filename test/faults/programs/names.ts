import dns, { type LookupAddress, type LookupOptions } from 'node:dns'
import { readFileSync } from 'node:fs'

// Loaded before a program under test: names ending in .test are resolved by the JSON file NAMES, and by nothing else.
const resolve = dns.lookup
type Answer = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

const lookup = (name: string, options: LookupOptions, answer: Answer): void => {
  if (!name.endsWith('.test')) {
    resolve(name, options, answer as never)
    return
  }
  const address = (JSON.parse(readFileSync(process.env.NAMES ?? '', 'utf8')) as Record<string, string>)[name]
  const unknown = Object.assign(new Error(`getaddrinfo EAI_AGAIN ${name}`), {
    code: 'EAI_AGAIN',
    syscall: 'getaddrinfo',
  })
  process.nextTick(() => {
    if (address === undefined) answer(unknown, '')
    else if (options.all) answer(null, [{ address, family: 4 }])
    else answer(null, address, 4)
  })
}
dns.lookup = lookup as typeof dns.lookup
