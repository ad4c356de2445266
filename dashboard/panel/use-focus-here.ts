import { type RefObject, useEffect, useRef } from 'react'

/**
 * Moves the focus to an element when something else is shown there, and back to where it was when the element goes. A
 * page that was opened so keeps its focus at the top.
 */
export function useFocusHere(target: RefObject<HTMLElement | null>, shown: string | undefined): void {
  const came = useRef<Element | null>(null)
  useEffect(() => {
    if (shown === undefined) return
    const from = document.activeElement
    if (from === null || from === document.body) return
    if (!target.current?.closest('section')?.contains(from)) came.current = from
    target.current?.focus({ preventScroll: true })
  }, [target, shown])
  useEffect(
    () => () => {
      if (came.current instanceof HTMLElement && came.current.isConnected) came.current.focus({ preventScroll: true })
    },
    [],
  )
}
