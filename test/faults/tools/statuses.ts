/** Counts of statuses as one line: `200 × 9999, 502 × 1`. */
export const statusText = (statuses: Record<string, number>): string =>
  Object.entries(statuses)
    .map(([status, n]) => `${status} × ${n}`)
    .join(', ')

/** Counts a list of statuses. */
export function countStatuses(statuses: (number | string)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
