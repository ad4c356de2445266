import { parseArgs } from 'node:util'
import { type DeploysResult, soakDeploys } from './deploys.ts'
import { soakZero, type ZeroResult } from './zero.ts'

const usage = 'npm run soak:deploys -- --count 100 --rps 50, npm run soak:zero -- --cycles 1000'

const percentile = (sorted: number[], share: number): string =>
  `${Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0)} ms`

const say = (line: string) => console.log(`     … ${line}`)

const number = (name: string, text: string): number => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`--${name} ${text}: it is a whole number from 1\n${usage}`)
  return Number(text)
}

const deploysLines = (seen: DeploysResult): string[] => [
  `${seen.deployments} deployments and ${seen.broken} broken ones in between: ${seen.requests} requests, ${seen.failed} failed, ` +
    `${seen.stale} answered by a version that did not serve, ${seen.harm} broken ones that did harm; the last answer is ${seen.last}; ` +
    `left behind: ${seen.left.join('; ') || 'no process, no socket'}`,
  `from the PUT to the first answer of the new version: p50 ${percentile(seen.readyMs, 0.5)}, p99 ${percentile(seen.readyMs, 0.99)}`,
  ...seen.faults,
]

const zeroLines = (seen: ZeroResult): string[] => [
  `${seen.cycles} times from zero and back: ${seen.requests} requests, ${seen.failed} failed; ` +
    `left behind: ${seen.left.join(', ') || 'no process, no socket, no file'}`,
  `from the first call to the answers: p50 ${percentile(seen.wakeMs, 0.5)}, p99 ${percentile(seen.wakeMs, 0.99)}`,
  ...seen.faults,
]

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '100' },
      rps: { type: 'string', default: '50' },
      cycles: { type: 'string', default: '1000' },
    },
  })
  if (positionals[0] === 'deploys') {
    const count = number('count', values.count)
    const seen = await soakDeploys({ count, rps: number('rps', values.rps), say })
    for (const line of deploysLines(seen)) console.log(line)
    return seen.failed + seen.stale + seen.harm + seen.left.length === 0 && seen.last === (count % 2 === 1 ? 'b' : 'a')
  }
  if (positionals[0] !== 'zero') throw new Error(usage)
  const seen = await soakZero({ cycles: number('cycles', values.cycles), say })
  for (const line of zeroLines(seen)) console.log(line)
  return seen.failed + seen.left.length === 0
}

main().then(
  (passed) => {
    console.log(passed ? 'passed' : 'FAILED')
    process.exit(passed ? 0 : 1)
  },
  (error: Error) => {
    console.error(error.message)
    process.exit(1)
  },
)
