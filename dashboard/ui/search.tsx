import { type KeyboardEvent, useId, useState } from 'react'
import { hrefOf, type Route } from '../route.ts'
import type { Segments } from '../traffic/city.ts'
import { nameOf } from '../traffic/city.ts'
import { findSegments } from '../traffic/find.ts'
import { lookOf } from '../traffic/levels.ts'
import { LevelCue } from './level-cue.tsx'
import './search.css'

/** Finds a segment by name or id; a combobox with a list of what is found. */
export function Search({ segments, route }: { segments: Segments; route: Route }) {
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState(0)
  const [open, setOpen] = useState(false)
  const id = useId()
  const found = open ? findSegments(segments, query) : []
  const optionId = (i: number) => `${id}-${i}`

  const go = (segment: string) => {
    setOpen(false)
    setQuery('')
    location.hash = hrefOf({ ...route, view: route.view === 'operator' ? 'map' : route.view, segment })
  }

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && found.length > 0) {
      event.preventDefault()
      setChosen((chosen + step + found.length) % found.length)
    } else if (event.key === 'Enter' && found[chosen]) go(found[chosen].segment)
    else if (event.key === 'Escape' && open) {
      // The panel's Escape is meant only when nothing is to be closed here.
      event.stopPropagation()
      setOpen(false)
    }
  }

  return (
    <search className="search">
      <input
        id="search"
        type="search"
        role="combobox"
        placeholder="Find a street or segment"
        aria-label="Find a street or segment"
        aria-expanded={found.length > 0}
        aria-controls={`${id}-found`}
        aria-activedescendant={found.length > 0 ? optionId(chosen) : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={({ target }) => {
          setQuery(target.value)
          setChosen(0)
          setOpen(true)
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setOpen(false)}
      />
      <div id={`${id}-found`} role="listbox" aria-label="Segments found" hidden={found.length === 0}>
        {found.map((status, i) => (
          <div
            key={status.segment}
            id={optionId(i)}
            role="option"
            tabIndex={-1}
            aria-selected={i === chosen}
            // The field keeps the focus, or its blur would close the list before the click.
            onMouseDown={(event) => {
              event.preventDefault()
              go(status.segment)
            }}
          >
            <LevelCue level={status.level} />
            <span>
              {nameOf(status)}
              {status.name !== null && <small>{status.segment}</small>}
            </span>
            <em>{lookOf(status.level).label}</em>
          </div>
        ))}
      </div>
      {open && query.trim() !== '' && found.length === 0 && (
        <p className="none" role="status">
          No segment has “{query.trim()}” in its name.
        </p>
      )}
    </search>
  )
}
