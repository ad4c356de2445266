import type { TrafficStatus } from '#shared/contracts/traffic-status.ts'
import { nameOf, type Segments } from './city.ts'

const MOST = 8

/** Lower case without accents, so that nobody has to type them. */
const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/** The segments whose name or id has every word of the query: those that begin with it come first, then by name. */
export function findSegments(segments: Segments, query: string): TrafficStatus[] {
  const words = plain(query).split(/\s+/).filter(Boolean)
  if (words.length === 0) return []
  const found: { status: TrafficStatus; name: string; rank: number }[] = []
  for (const { properties: status } of segments.values()) {
    const name = plain(nameOf(status))
    const text = `${name} ${plain(status.segment)}`
    if (!words.every((word) => text.includes(word))) continue
    const [first = ''] = words
    const rank = name.startsWith(first) ? 0 : text.includes(` ${first}`) ? 1 : 2
    found.push({ status, name, rank })
  }
  const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  found.sort((a, b) => a.rank - b.rank || order(a.name, b.name) || order(a.status.segment, b.status.segment))
  return found.slice(0, MOST).map(({ status }) => status)
}
