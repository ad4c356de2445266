import type { ReactNode } from 'react'
import type { Part } from './snapshot.ts'

interface SectionProps {
  id: 'functions' | 'consumers' | 'dead-letters' | 'sensors' | 'forecasts'
  title: string
  /** A few words beside the title. */
  aside?: ReactNode
  part: Part<unknown>
  /** Said where whoever was asked does not know of it. */
  absent?: string
  children: ReactNode
}

/** A part of the view with its title, and with the reason where there is nothing, or nothing new, to show that was not told above. */
export function Section({ id, title, aside, part, absent = 'This gateway does not tell.', children }: SectionProps) {
  return (
    <section id={id} aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`} tabIndex={-1}>
          {title}
        </h2>
        {aside}
      </header>
      {part.fault !== undefined && <p className="fault">{part.fault}</p>}
      {part.value !== undefined && children}
      {part.value === undefined && part.fault === undefined && (
        <p className="quiet">{part.absent ? absent : 'One moment…'}</p>
      )}
    </section>
  )
}

/** A table in a box of its own, which scrolls where the table is wider than the screen. */
export function TableBox({ name, children }: { name: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section className="table-box" aria-label={`Table of ${name}`} tabIndex={0}>
      <table>{children}</table>
    </section>
  )
}
