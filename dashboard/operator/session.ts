const KEY = 'junction.operator-token'

/** The operator's token, for as long as this tab is open. */
export function readToken(): string | undefined {
  try {
    return sessionStorage.getItem(KEY) ?? undefined
  } catch {
    return undefined
  }
}

/** Keeps the token in this tab, or forgets it; a browser that keeps nothing asks again after a reload. */
export function keepToken(token: string | undefined): void {
  try {
    if (token === undefined) sessionStorage.removeItem(KEY)
    else sessionStorage.setItem(KEY, token)
  } catch {
    // The page works on with the token it holds.
  }
}
