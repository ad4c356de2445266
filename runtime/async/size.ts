import type { NewCall } from './calls.ts'

/** What a call takes of memory until it is written: its body is often the least of it. */
export const sizeOfCall = ({ path, headers, body }: Pick<NewCall, 'path' | 'headers' | 'body'>): number => {
  let size = path.length + body.length
  for (const text of headers) size += text.length
  return size
}
