import { useSyncExternalStore } from 'react'

/** Which of the two palettes is shown. */
export type Theme = 'light' | 'dark'

const dark = () => matchMedia('(prefers-color-scheme: dark)')

function subscribe(onChange: () => void): () => void {
  const query = dark()
  query.addEventListener('change', onChange)
  return () => query.removeEventListener('change', onChange)
}

/** The palette that the viewer's system asks for, as it changes. */
export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => (dark().matches ? 'dark' : 'light'))
