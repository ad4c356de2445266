import { createHash } from 'node:crypto'

/** A weak tag of what is told, whenever it was asked. */
export function tag(body: unknown): string {
  const told = JSON.stringify(body, (key, value: unknown) => (key === 'asOf' ? undefined : value))
  return `W/"${createHash('sha256').update(told).digest('base64url').slice(0, 22)}"`
}
