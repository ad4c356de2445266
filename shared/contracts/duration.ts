const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Parses `5m`, `1h30m`, `10s`, `250ms`, `30d` or `0` (Go's form, and days) to milliseconds. */
export const parseDuration = (text: string): number => {
  if (text === '0') return 0
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text))
    throw new RangeError(`not a duration: ${JSON.stringify(text.slice(0, 32))}; write it like 10s, 5m, 1h30m or 30d`)
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
    total += Number(amount) * (UNIT_MS[unit as string] as number)
  return Math.round(total)
}

/** Parses a duration as OpenFaaS's own settings are written: Go's form, or whole seconds. */
export const parseTimeout = (text: string): number =>
  /^\d+$/.test(text) ? Number(text) * (UNIT_MS.s as number) : parseDuration(text)

/** Writes milliseconds in the largest unit that needs no fraction: `30d`, `90s`. */
export const formatDuration = (ms: number): string => {
  const [unit, length] = Object.entries(UNIT_MS).findLast(([, length]) => ms >= length && ms % length === 0) ?? [
    'ms',
    1,
  ]
  return ms === 0 ? '0' : `${ms / length}${unit}`
}
