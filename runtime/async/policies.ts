import type { Logger } from 'pino'
import { DEFAULT_RETRY, type RetryPolicy, retryPolicyOf } from './retry.ts'

/** What holds for the calls of each function; annotations that cannot be read are told once and count for nothing. */
export const policies = (
  annotationsOf: (key: string) => Record<string, string> | undefined,
  log: Logger,
): ((key: string) => RetryPolicy) => {
  const told = new Set<string>()
  return (key) => {
    try {
      return retryPolicyOf(annotationsOf(key) ?? {})
    } catch (error) {
      const { message } = error as Error
      if (!told.has(`${key} ${message}`))
        log.error({ alarm: 'retry_annotations', function: key }, `${message}: the defaults hold`)
      told.add(`${key} ${message}`)
      return DEFAULT_RETRY
    }
  }
}
