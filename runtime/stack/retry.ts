import { retryPolicyOf } from '../async/retry.ts'
import type { Document, Entry } from './document.ts'

/** Refuses annotations `com.openfaas.retry.*` that nobody could go by. */
export const checkRetry = (document: Document, annotations: Map<string, Entry & { text: string }>): void => {
  try {
    retryPolicyOf(Object.fromEntries([...annotations].map(([key, { text }]) => [key, text])))
  } catch (error) {
    const { message } = error as Error
    const entry = [...annotations.values()].find(({ key }) => message.startsWith(key))
    document.fail(entry?.value ?? document.root, message)
  }
}
