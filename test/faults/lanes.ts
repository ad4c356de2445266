import { spawn } from 'node:child_process'

/** What a run came to: rows and controls. */
export interface Tally {
  passed: number
  failed: number
  minutes: number
}

/** Rows mostly wait, so two of them fit side by side; those of a lane share one PostgreSQL, which some of them stop. */
const LANES = ['postgres', 'none,kafka,nats']

/** Runs the lanes as processes of their own, for a row may set the clock of its process; a lane that broke off counts as failed. */
export async function inLanes(args: string[]): Promise<Tally> {
  const tallies = await Promise.all(LANES.map((buses) => lane([...args, '--bus', buses])))
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
    minutes: Math.max(...tallies.map(({ minutes }) => minutes)),
  }
}

function lane(args: string[]): Promise<Tally> {
  const child = spawn(process.execPath, [process.argv[1] as string, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    let tally: Tally = { passed: 0, failed: 1, minutes: 0 }
    child.on('message', (told) => {
      tally = told as Tally
    })
    child.once('error', reject)
    child.once('close', () => resolve(tally))
  })
}
