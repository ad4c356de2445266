/** A failed answer as one line: its status, and what its problem body tells, with the first fault it names. */
export const problemLine = (status: number, text: string): string => {
  try {
    const { detail, title, errors } = JSON.parse(text) as {
      detail?: string
      title?: string
      errors?: { message?: string }[]
    }
    return [`${status} ${detail ?? title ?? ''}`.trim(), errors?.[0]?.message].filter(Boolean).join(': ')
  } catch {
    return `${status} ${text.slice(0, 200)}`.trim()
  }
}
