import { type Command, createMachine, type Limits, type RetireRule } from './machine.ts'

/** A seeded run of the machine against model processes. */
export interface Simulation {
  runs: number
  seed: number
  mayRetire?: RetireRule
  /** Recommendations, and replicas that say of themselves that they are not ready or do not work, among the events. */
  wishes?: boolean
}

const STEPS = 12
const limits: Limits = {
  ...{ min: 0, max: 2, concurrency: 2, idleMs: 10, maxWaiting: 100, maxWaitMs: 1e9 },
  ...{ startMs: 1e9, saturatedMs: 5, freeCrashes: 5, firstPauseMs: 1, maxPauseMs: 10 },
}

interface ModelProcess {
  id: number
  state: 'starting' | 'serving' | 'unready' | 'stopping'
  calls: number
  streams: number
  touched: number
}

/** Runs interleavings of calls, ends, starts, exits and time, and lists the distinct laws that were broken. */
export const simulate = ({ runs, seed, mayRetire, wishes = false }: Simulation) => {
  const violations = new Set<string>()
  const totals = { calls: 0, retired: 0, metDraining: 0 }
  let state = seed
  /** xorshift32: seeded, and free of globals, which are slow inside jest; returns an integer below n. */
  const random = (n: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % n
  }
  for (let run = 0; run < runs; run++) runOnce(random, violations, totals, wishes, mayRetire)
  return { violations: [...violations], ...totals }
}

const runOnce = (
  random: (n: number) => number,
  violations: Set<string>,
  totals: { calls: number; retired: number; metDraining: number },
  wishes: boolean,
  mayRetire: RetireRule | undefined,
): void => {
  const bounds = wishes ? { ...limits, max: 4, awake: 2 } : limits
  const machine = createMachine(bounds, mayRetire)
  const processes: ModelProcess[] = []
  let now = 0
  let calls = 0
  let answered = 0

  const obey = (commands: Command[]): void => {
    for (const command of commands) {
      if (command.do === 'start') {
        if (!wishes && processes.some((p) => p.state === 'starting')) violations.add('two starts at once')
        if (processes.filter((p) => p.state !== 'stopping').length >= bounds.max) violations.add('more than max')
        processes.push({ id: command.replica, state: 'starting', calls: 0, streams: 0, touched: now })
        continue
      }
      if (command.do === 'reject') {
        violations.add('a call was rejected')
        continue
      }
      const model = processes.find((p) => p.id === command.replica)
      if (model?.state !== 'serving' && !(command.do === 'drain' && model?.state === 'unready')) {
        violations.add(`${command.do} of a replica that does not serve`)
      } else if (command.do === 'route') {
        model.calls++
        model.touched = now
        if (model.calls > limits.concurrency) violations.add('more calls than its concurrency')
      } else {
        if (model.calls + model.streams > 0) violations.add('a call in flight was cut off')
        // What is beyond a recommendation waits for no idle time.
        if (!wishes && now - model.touched <= limits.idleMs) violations.add('retired before its idle time')
        model.state = 'stopping'
        totals.retired++
      }
    }
  }

  const act = (choice: number): void => {
    if (choice < 4) {
      if (processes.length > 0 && processes.every((p) => p.state === 'stopping')) totals.metDraining++
      calls++
      obey(machine.request(calls, now))
      return
    }
    if (choice < 6) {
      now += 1 + random(12)
      obey(machine.tick(now))
      return
    }
    const model = processes[random(processes.length || 1)]
    if (wishes && random(4) === 0) {
      wish(model)
      return
    }
    if (!model) return
    if (model.state === 'starting' || (model.state === 'unready' && (model.calls === 0 || choice === 6))) {
      model.state = 'serving'
      obey(machine.ready(model.id, now))
    } else if (model.state === 'stopping') {
      processes.splice(processes.indexOf(model), 1)
      obey(machine.exited(model.id, now))
    } else if (model.calls > 0 && choice === 6) {
      model.calls--
      model.streams++
      model.touched = now
      obey(machine.streaming(model.id, now))
    } else if (model.calls > 0) {
      finish(model, false)
    } else if (model.streams > 0) {
      finish(model, true)
    }
  }

  /** What is told of a replica from outside, or recommended. */
  const wish = (model: ModelProcess | undefined): void => {
    if (!model || model.state === 'stopping' || random(2) === 0) {
      obey(machine.recommend(random(6), now))
    } else if (model.state === 'serving' && random(3) > 0) {
      model.state = 'unready'
      obey(machine.unready(model.id, now))
    } else if (model.state !== 'starting' && model.calls + model.streams === 0) {
      // One with calls in flight is told to end those, which no law forbids.
      obey(machine.failed(model.id, now))
    }
  }

  const finish = (model: ModelProcess, stream: boolean): void => {
    if (stream) model.streams--
    else model.calls--
    model.touched = now
    answered++
    obey(machine.done(model.id, stream, true, now))
  }

  for (let step = 0; step < STEPS; step++) act(random(10))
  // The world goes on without new calls: every call must get its answer.
  for (let step = 0; answered < calls; step++) {
    if (step > 1000) {
      violations.add('a call was never answered')
      break
    }
    act(4 + random(6))
  }
  totals.calls += calls
}
