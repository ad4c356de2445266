// The page of the city: reads the status, follows the state changes, and says how fresh both are.
const SHOWN = 50
const REFRESH_MS = 15_000
const STALE_MS = 45_000
const LEVELS = ['closed', 'stationary', 'queuing', 'slow', 'heavy', 'free', 'unknown']
const STEPS = { closed: '✕', stationary: '▮▮▮▮▮', queuing: '▮▮▮▮', slow: '▮▮▮', heavy: '▮▮', free: '▮', unknown: '?' }

const base = new URL(`${location.pathname.replace(/\/$/, '')}/`, location.href)
const at = (path) => new URL(path, base)
const find = (id) => document.getElementById(id)
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
})

const states = new Map()
const rows = new Map()
let asOf = 0
let heardAt = performance.now()
let connected = false
let showAll = false
let drawing = false

/** Reads every segment anew: only this makes a segment `unknown` that merely fell silent. */
async function refresh() {
  const read = new Map()
  let now = 0
  for (let url = at('api/traffic-status'); url; ) {
    const answer = await fetch(url)
    if (!answer.ok) throw new Error(`status ${answer.status}`)
    now = Date.parse(answer.headers.get('as-of'))
    for (const { properties } of (await answer.json()).features) read.set(properties.segment, properties)
    const next = /<([^>]*)>; rel="next"/.exec(answer.headers.get('link') ?? '')
    url = next && new URL(next[1], url)
  }
  states.clear()
  for (const [segment, state] of read) states.set(segment, state)
  asOf = now
  heard()
}

async function keepRefreshing() {
  await refresh().catch(() => {})
  draw()
  setTimeout(keepRefreshing, REFRESH_MS)
}

function follow() {
  const events = new EventSource(at('api/events'))
  events.onopen = () => {
    connected = true
    draw()
  }
  events.onerror = () => {
    connected = false
    draw()
    // After a refusal the browser gives up for good; a fresh status makes up for what was missed.
    if (events.readyState === EventSource.CLOSED)
      setTimeout(
        () =>
          refresh()
            .catch(() => {})
            .then(follow),
        3000 + 4000 * Math.random(),
      )
  }
  events.addEventListener('state', (event) => {
    const state = JSON.parse(event.data)
    heard()
    asOf = Math.max(asOf, Date.parse(state.observedAt ?? state.windowStart))
    const known = states.get(state.segment)
    if (known?.windowStart && Date.parse(known.windowStart) > Date.parse(state.windowStart)) return
    states.set(state.segment, state)
    draw()
  })
  events.addEventListener('reset', () => refresh().then(draw, () => {}))
}

function heard() {
  heardAt = performance.now()
}

function draw() {
  if (drawing) return
  drawing = true
  setTimeout(() => {
    drawing = false
    drawLink()
    drawCounts()
    drawRows()
  }, 250)
}

function drawLink() {
  const stale = performance.now() - heardAt > STALE_MS
  const state = stale ? 'stale' : connected ? 'live' : asOf ? 'reconnecting' : 'connecting'
  document.body.dataset.state = state
  find('link').dataset.state = state
  set(find('link-text'), state === 'stale' ? 'stale: no news, trying again' : state)
  if (!asOf) return
  const ends = [...states.values()].map((state) => Date.parse(state.windowEnd)).filter((end) => end > asOf)
  const next = ends.length > 0 ? `, next window ${clock.format(Math.max(...ends))}` : ''
  set(find('as-of'), `as of ${day.format(asOf)}${next}`)
}

function drawCounts() {
  if (!asOf) return
  const counts = Object.fromEntries(LEVELS.map((level) => [level, 0]))
  for (const { level } of states.values()) counts[level]++
  const list = find('counts')
  for (const level of LEVELS) {
    let item = list.querySelector(`[data-level="${level}"]`)
    if (!item) {
      item = make('li', '', make('span', 'steps'), make('span', ''), make('b', ''))
      item.dataset.level = level
      item.children[0].ariaHidden = 'true'
      set(item.children[0], STEPS[level])
      set(item.children[1], level)
      list.append(item)
    }
    set(item.children[2], String(counts[level]))
  }
  const bad = counts.closed + counts.stationary + counts.queuing
  const measured = states.size - counts.unknown
  set(
    find('summary'),
    states.size === 0
      ? 'No segment is known yet: they appear with the first readings.'
      : measured === 0
        ? `Nothing was measured lately on any of ${states.size} segments.`
        : `Traffic queues or stands on ${bad} of ${measured} measured segments; ${counts.unknown} ${counts.unknown === 1 ? 'has' : 'have'} no current data.`,
  )
}

const worse = (a, b) =>
  LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
  (a.ratio ?? 9) - (b.ratio ?? 9) ||
  (a.segment < b.segment ? -1 : 1)

function drawRows() {
  const sorted = [...states.values()].sort(worse)
  const shown = showAll ? sorted : sorted.slice(0, SHOWN)
  find('rows').replaceChildren(...shown.map(drawRow))
  const button = find('all')
  button.hidden = sorted.length <= SHOWN
  set(button, showAll ? `show the worst ${SHOWN}` : `show all ${sorted.length}`)
  set(find('shown'), sorted.length > SHOWN ? `${shown.length} of ${sorted.length} segments, worst first.` : '')
}

function drawRow(state) {
  let row = rows.get(state.segment)
  if (!row) {
    const level = make('td', 'level', make('span', 'steps'), make('span', ''))
    level.children[0].ariaHidden = 'true'
    const share = make('td', 'share', make('span', 'bar', make('i', '')), make('span', ''))
    const [name, speed, flow, window] = [
      make('th', 'name'),
      make('td', 'number'),
      make('td', 'number flow'),
      make('td', 'window'),
    ]
    row = make('tr', '', name, level, speed, flow, share, window)
    row.role = 'row'
    for (const cell of row.children) cell.role = cell === name ? 'rowheader' : 'cell'
    rows.set(state.segment, row)
  }
  const [name, level, speed, flow, share, window] = row.children
  row.dataset.level = state.level
  set(name, state.segment)
  set(level.children[0], STEPS[state.level])
  set(level.children[1], state.level)
  set(speed, kmh(state.speedKmh))
  set(flow, kmh(state.freeFlowKmh))
  const percent = state.ratio === null ? null : Math.round(state.ratio * 100)
  share.children[0].firstChild.style.width = `${Math.min(100, percent ?? 0)}%`
  set(share.children[1], percent === null ? '–' : `${percent} %`)
  set(
    window,
    state.windowStart
      ? `${clock.format(Date.parse(state.windowStart))}–${clock.format(Date.parse(state.windowEnd))}`
      : 'never',
  )
  return row
}

const kmh = (speed) => (speed === null ? '–' : `${Math.round(speed)} km/h`)

function make(tag, className, ...children) {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...children)
  return element
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text
}

find('all').addEventListener('click', () => {
  showAll = !showAll
  draw()
})
find('data').href = at('api/traffic-status')
find('contract').href = at('openapi.json')
setInterval(drawLink, 1000)
follow()
keepRefreshing()
