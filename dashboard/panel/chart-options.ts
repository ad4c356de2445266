import uPlot from 'uplot'
import type { Level } from '#shared/contracts/traffic.ts'
import type { Clock } from '../traffic/clock.ts'
import { lookOf } from '../traffic/levels.ts'
import type { Theme } from '../ui/use-theme.ts'
import type { HourSeries } from './hour-series.ts'
import type { Series } from './series.ts'

/** Share of the height, below zero, where the levels are drawn. */
const STRIP = 0.09

/** What a chart has to know beside its data. */
export interface ChartStyle {
  clock: Clock
  timeZone: string | null
  theme: Theme
  series(): Series | HourSeries
  onPoint(index: number | undefined): void
}

/** Options of the chart of a day: the typical band, the usual speed, the measured one, and the levels beneath. */
export function dayOptions(parent: HTMLElement, style: ChartStyle): uPlot.Options {
  const { clock, timeZone, theme, series, onPoint } = style
  const css = getComputedStyle(parent)
  const colour = colourIn(parent)
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  const axis: uPlot.Axis = {
    stroke: colour('soft'),
    font: `${0.75 * rem}px ${css.fontFamily}`,
    ticks: { show: false },
    gap: 4,
  }
  const plain: uPlot.Series = { points: { show: false } }
  return {
    width: parent.clientWidth,
    height: Math.round(10 * rem),
    padding: [6, 2, 0, 0],
    legend: { show: false },
    tzDate: (seconds) => {
      const at = new Date(seconds * 1000)
      return timeZone === null ? at : uPlot.tzDate(at, timeZone)
    },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      y: {
        range: (_, __, most) => {
          const top = Math.max(10, Math.ceil((most ?? 0) / 10) * 10)
          return [-STRIP * top, top]
        },
      },
    },
    axes: [
      {
        ...axis,
        size: 1.5 * rem,
        space: 3.5 * rem,
        grid: { show: false },
        values: (_, splits) => splits.map((seconds) => clock.time(seconds * 1000)),
      },
      {
        ...axis,
        size: 2 * rem,
        space: 2 * rem,
        grid: { stroke: colour('faint'), width: 1 },
        filter: (_, splits) => splits.map((speed) => (speed < 0 ? null : speed)),
      },
    ],
    series: [
      {},
      { ...plain, width: 0 },
      { ...plain, width: 0 },
      { ...plain, stroke: colour('soft'), width: 1, dash: [4, 4] },
      { stroke: colour('ink'), width: 1.75, points: { size: 4, filter: ({ data }, i) => alone(data[i]) } },
    ],
    bands: [{ series: [2, 1], fill: colour('band') }],
    hooks: {
      setCursor: [({ cursor }) => onPoint(cursor.idx ?? undefined)],
      draw: [(plot) => drawLevels(plot, series().level, theme)],
    },
  }
}

/** The same for the hour before and the hour after, where a forecast and its band take up what was measured. */
export function hourOptions(parent: HTMLElement, style: ChartStyle): uPlot.Options {
  const day = dayOptions(parent, style)
  const colour = colourIn(parent)
  // Between the quarters of an hour nothing is forecast: lines lead from one to the next.
  const between: uPlot.Series = { points: { show: false }, spanGaps: true }
  return {
    ...day,
    // Room for the last point, and for its time beneath.
    padding: [6, 16, 0, 0],
    scales: { ...day.scales, x: { range: (_, first, last) => [first, last + 120] } },
    series: [
      ...day.series,
      { ...between, width: 0 },
      { ...between, width: 0 },
      { stroke: colour('ahead'), width: 2, spanGaps: true, points: { show: true, size: 7, fill: colour('ahead') } },
    ],
    bands: [...(day.bands ?? []), { series: [6, 5], fill: `${colour('ahead')}40` }],
    hooks: {
      ...day.hooks,
      draw: [
        ...(day.hooks?.draw ?? []),
        (plot) => {
          const series = style.series()
          if ('now' in series) drawNow(plot, series.now, colour('ink'), getComputedStyle(parent).fontFamily)
        },
      ],
    },
  }
}

const colourIn = (parent: HTMLElement) => (name: string) =>
  getComputedStyle(parent).getPropertyValue(`--${name}`).trim()

/** Values without neighbours, of which a line would show nothing. */
const alone = (values: uPlot.AlignedData[number] = []): number[] =>
  Array.from(values.keys()).filter((i) => values[i] != null && values[i - 1] == null && values[i + 1] == null)

/** A strip along the bottom tells the level of every window. */
function drawLevels(plot: uPlot, levels: readonly Level[], theme: Theme): void {
  const { ctx } = plot
  const [times = []] = plot.data
  const step = (times[1] ?? 0) - (times[0] ?? 0)
  const bottom = plot.bbox.top + plot.bbox.height
  const height = bottom - plot.valToPos(0, 'y', true) - 3 * devicePixelRatio
  const right = plot.bbox.left + plot.bbox.width
  ctx.save()
  for (const [i, level] of levels.entries()) {
    if (level === 'unknown') continue
    const left = plot.valToPos(times[i] ?? 0, 'x', true)
    const end = Math.min(right, plot.valToPos((times[i] ?? 0) + step, 'x', true))
    ctx.fillStyle = lookOf(level).colour[theme]
    ctx.fillRect(Math.floor(left), bottom - height, Math.ceil(end) - Math.floor(left), height)
  }
  ctx.restore()
}

/** A line between what was and what is expected. */
function drawNow({ ctx, bbox, valToPos }: uPlot, now: number, colour: string, fontFamily: string): void {
  const at = Math.round(valToPos(now / 1000, 'x', true))
  ctx.save()
  ctx.strokeStyle = colour
  ctx.lineWidth = devicePixelRatio
  ctx.beginPath()
  ctx.moveTo(at, bbox.top)
  ctx.lineTo(at, bbox.top + bbox.height)
  ctx.stroke()
  ctx.fillStyle = colour
  ctx.font = `${12 * devicePixelRatio}px ${fontFamily}`
  ctx.textAlign = 'left'
  ctx.textBaseline = 'top'
  ctx.fillText('now', at + 4 * devicePixelRatio, bbox.top)
  ctx.restore()
}
