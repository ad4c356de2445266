const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}/g

/** Replaces `${NAME}` and `${NAME:-default}` as faas-cli does: unset is empty, `$${` stands for a literal `${`. */
export const envsubst = (text: string, env: Record<string, string | undefined>): string =>
  text.replace(REFERENCE, (match: string, name: string | undefined, fallback: string | undefined) =>
    name === undefined ? match.slice(1) : env[name] || fallback || '',
  )
