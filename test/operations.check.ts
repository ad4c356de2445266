import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { judgeSlice } from '#runtime/connector/verdict.ts'
import { sourceFiles } from './sources.ts'

const page = readFileSync('docs/operations.md', 'utf8')
const runbook = page.slice(page.indexOf('## Runbook'))
const headings = [...runbook.matchAll(/^### `(\w+)`$/gm)].map((match) => match[1])
const sources = sourceFiles()
  .filter((file) => /^(runtime|shared)\//.test(file) && !file.includes('.test.'))
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }))

/** The alarms the code can raise: each names itself in its line of the log, some by the code they stop with. */
const alarms = [
  ...new Set(
    sources.flatMap(({ text }) => [
      ...[...text.matchAll(/alarm: '(\w+)'/g)].map((match) => match[1]),
      ...[...text.matchAll(/halt = \{ code: '(\w+)'/g)].map((match) => match[1]),
    ]),
  ),
]

const { groups } = parse(readFileSync('deploy/prometheus/alerts.yml', 'utf8')) as {
  groups: { rules: { alert: string; expr: string }[] }[]
}
const rules = groups.flatMap((group) => group.rules)

describe('docs/operations.md', () => {
  it('says what to do at every alarm, of the code and of Prometheus, and of none that there is not', () => {
    expect(alarms.length).toBeGreaterThan(10)
    expect(rules.length).toBeGreaterThan(5)
    expect([...headings].sort()).toEqual([...new Set([...alarms, ...rules.map(({ alert }) => alert)])].sort())
  })

  it('says what to do at every code a consumer can stop with', () => {
    const answer = (status: number, body: unknown) =>
      judgeSlice(
        { status, headers: {}, body: Buffer.from(JSON.stringify(body)), via: 'function' },
        { first: 0n, next: 1n },
      )
    const stops = [answer(401, {}), answer(302, {}), answer(404, {}), answer(500, { code: 'configuration' })]
    for (const verdict of stops) {
      expect(['stop', 'missing']).toContain(verdict.kind)
      expect(runbook).toContain(`\n- \`${(verdict as { code: string }).code}\`: `)
    }
  })

  it('is about all errors of the connector and the runtime: each has its alarm', () => {
    const unnamed = sources
      .filter(({ file }) => file.startsWith('runtime/'))
      .flatMap(({ file, text }) =>
        [...text.matchAll(/log\.error\(\s*([\s\S]{0,120})/g)]
          .filter((match) => !/alarm: /.test(match[1] ?? ''))
          .map((match) => `${file}: ${match[1]?.slice(0, 60)}`),
      )
    expect(unnamed).toEqual([])
  })
})

describe('deploy/prometheus and deploy/grafana', () => {
  const { panels } = JSON.parse(readFileSync('deploy/grafana/provisioning/dashboards/forecasts.json', 'utf8')) as {
    panels: { targets: { expr: string }[] }[]
  }
  const asked = [...rules, ...panels.flatMap(({ targets }) => targets)].flatMap(({ expr }) =>
    expr.match(/junction_\w+/g),
  )
  const code = sourceFiles()
    .filter((file) => /^(runtime|shared|functions)\//.test(file) && !file.includes('.test.'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  /** Functions open theirs without the prefix. */
  const isCounted = (name: string) => code.includes(`'${name}'`) || code.includes(`'${name.replace('junction_', '')}'`)

  it('ask for metrics that there are', () => {
    expect(asked.length).toBeGreaterThan(10)
    expect([...new Set(asked)].filter((name) => !isCounted(name as string))).toEqual([])
    expect(isCounted('junction_forecasts_made')).toBe(false)
  })

  it('ask more often than an idle process sleeps, and look back over more than two of the longest windows', () => {
    const { scrape_configs: jobs } = parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8'))
    // A process sleeps after a minute without a call, and WINDOW is an hour at most.
    expect(jobs.map((job: { scrape_interval?: string }) => job.scrape_interval)).toEqual([undefined, '30s'])
    const stopped = rules.find(({ alert }) => alert === 'forecasts_stopped')
    expect(stopped?.expr.match(/\[\w+\]/g)).toEqual(['[2h15m]', '[2h15m]'])
  })

  it('hold the model against the newest speed within one process', () => {
    const worse = rules.find(({ alert }) => alert === 'forecasts_worse')
    expect(worse?.expr.replace(/\s+/g, ' ')).toContain('of="model"} - ignoring(of) junction_forecast_error_kmh')
  })

  it('are found by what reads them', () => {
    const { rule_files: files, scrape_configs: jobs } = parse(readFileSync('deploy/prometheus/prometheus.yml', 'utf8'))
    const { services } = parse(readFileSync('deploy/compose.yaml', 'utf8'), { merge: true })
    expect(services.prometheus.volumes).toContain(`./prometheus/${files}:/etc/prometheus/${files}:ro`)
    expect(jobs.map((job: { metrics_path?: string }) => job.metrics_path)).toEqual([
      ...[undefined, '/function/predict-traffic/metrics'],
    ])
    const provider = parse(readFileSync('deploy/grafana/provisioning/dashboards/junction.yml', 'utf8')).providers[0]
    expect(services.grafana.volumes).toContain('./grafana/provisioning:/etc/grafana/provisioning:ro')
    expect(provider.options.path).toBe('/etc/grafana/provisioning/dashboards')
  })
})
