import { NEWEST } from '../features.ts'
import type { Samples } from '../samples.ts'
import { makeAdamW, oneCycle } from './adamw.ts'
import { conformalOf } from './conformal.ts'
import type { Fitted } from './fitted.ts'
import { BLOCK_ROWS, putRow, rawBands, takeWeights } from './forward.ts'
import { joinNetworks } from './join.ts'
import { padded, simdKernel } from './kernel.ts'
import { makeNetwork, type Network, roomFor } from './network.ts'
import { pinball, QUANTILES } from './pinball.ts'
import { randomFrom, shuffle } from './random.ts'
import { columnsOf, limitsOf } from './scaling.ts'

/** How a fit is done. */
export interface Recipe {
  /** Networks that are fitted one after the other from other beginnings, and joined. */
  members: number
  /** Hidden layers of each. */
  hidden: readonly number[]
  /** Steps of the optimiser that fit a network: few samples are gone through more often than many. */
  steps: number
  /** The fewest and the most epochs, whatever the steps. */
  epochs: readonly [number, number]
  /** It ends when this share of all epochs brought nothing. */
  patience: number
  /** Samples a step, fewer where there are few. */
  batch: number
  /** Highest rate of the cycle. */
  rate: number
  /** Weight decay. */
  decay: number
}

/** Chosen on the validation day of Los-loop (see los-loop.md for what else was tried). */
export const RECIPE: Recipe = {
  members: 2,
  hidden: [64, 64],
  steps: 1600,
  epochs: [6, 60],
  patience: 1 / 3,
  batch: 1024,
  rate: 3e-3,
  decay: 0.01,
}

/** A step takes fewer samples than it might, whole blocks of them, where an epoch would have fewer steps. */
const STEPS_AN_EPOCH = 32

/** How far a fit is. */
export interface Epoch {
  /** Which of the networks it is about, and their number. */
  member: number
  members: number
  epoch: number
  epochs: number
  /** Pinball losses of all heads, a target, in the unit. */
  training: number
  validation: number
  /** Whether it is the best so far. */
  best: boolean
}

/** What a fit begins with, and who is told how far it is. */
export interface FitOptions {
  seed: number
  recipe?: Recipe
  onEpoch?: (epoch: Epoch) => void
}

/** Networks fitted to samples and joined into one; the same samples and seed give the same bits. */
export const fitNetwork = (
  training: Samples,
  validation: Samples,
  centre: number,
  { seed, recipe = RECIPE, onEpoch }: FitOptions,
): Fitted & { epochs: number } => {
  const features = training.x.length / training.last.length
  const steps = training.y.length / training.last.length
  const common = {
    ...{ sizes: [features, ...recipe.hidden, QUANTILES.length * steps], newest: NEWEST, centre },
    ...columnsOf(training.x, features),
    ...limitsOf(training),
    conformal: new Float32Array(steps),
  }
  const random = randomFrom(seed)
  const members = Array.from({ length: recipe.members }, (_, nth) =>
    fitMember(training, validation, common, {
      ...{ recipe, random },
      onEpoch: (epoch) => onEpoch?.({ member: nth + 1, members: recipe.members, ...epoch }),
    }),
  )
  const joined = { ...common, ...joinNetworks(members) }
  return {
    ...joined,
    conformal: conformalOf(rawBands(joined, validation.x), validation.y, steps),
    epochs: members.reduce((sum, { epochs }) => sum + epochs, 0),
  }
}

/** Fits one network; what it is after the epoch that does best on `validation`. */
const fitMember = (
  training: Samples,
  validation: Samples,
  common: Omit<Fitted, 'weights' | 'biases'>,
  {
    recipe,
    random,
    onEpoch,
  }: { recipe: Recipe; random: () => number; onEpoch: (epoch: Omit<Epoch, 'member' | 'members'>) => void },
): Fitted & { epochs: number } => {
  const { sizes } = common
  const rows = training.last.length
  const network = makeNetwork(simdKernel(roomFor(sizes, BLOCK_ROWS)), sizes, BLOCK_ROWS)
  initialise(network, sizes, random)
  const step = makeAdamW(network.parameters, network.gradients, recipe.decay)
  const learn = learner(network, training, common)
  const order = Int32Array.from({ length: rows }, (_, row) => row)
  const batch = Math.min(recipe.batch, Math.ceil(rows / STEPS_AN_EPOCH / BLOCK_ROWS) * BLOCK_ROWS)
  const batches = Math.ceil(rows / batch)
  const [fewest, most] = recipe.epochs
  const epochs = Math.min(Math.max(Math.round(recipe.steps / batches), fewest), most)
  const patience = Math.max(1, Math.round(recipe.patience * epochs))
  const now = () => ({ ...common, ...takeWeights(network, sizes) })
  let best = { ...now(), epochs: 0 }
  let least = Number.POSITIVE_INFINITY
  for (let epoch = 1; epoch <= epochs && epoch - best.epochs <= patience; epoch += 1) {
    shuffle(order, random)
    let loss = 0
    for (let nth = 0; nth < batches; nth += 1) {
      network.changed()
      loss += learn(order.subarray(nth * batch, (nth + 1) * batch))
      step(oneCycle(((epoch - 1) * batches + nth) / (epochs * batches), recipe.rate))
    }
    const fitted = now()
    const reached = lossOf(fitted, validation)
    const isBest = reached < least
    if (isBest) {
      best = { ...fitted, epochs: epoch }
      least = reached
    }
    onEpoch({ epoch, epochs, training: loss / batches, validation: reached, best: isBest })
  }
  return best
}

/** Uniform within ±1/√inputs, the weights and the biases. */
const initialise = ({ layers }: Network, sizes: readonly number[], random: () => number): void => {
  for (const [at, layer] of layers.entries()) {
    const [inputs = 0, outputs = 0] = sizes.slice(at)
    const bound = 1 / Math.sqrt(inputs)
    const next = () => (2 * random() - 1) * bound
    for (let i = 0; i < inputs; i += 1)
      for (let j = 0; j < outputs; j += 1) layer.weights[i * layer.outputs + j] = next()
    for (let j = 0; j < outputs; j += 1) layer.biases[j] = next()
  }
}

/** Adds the gradients of samples to those of the network; says their loss, a target, in the unit. */
const learner = (
  network: Network,
  { x, y, last }: Samples,
  { mean, sd, scale, conformal: { length: steps } }: Pick<Fitted, 'mean' | 'sd' | 'scale' | 'conformal'>,
) => {
  const targets = new Float32Array(BLOCK_ROWS * steps)
  const width = padded(QUANTILES.length * steps)
  return (samples: Int32Array): number => {
    const share = 1 / (samples.length * steps)
    let loss = 0
    for (let from = 0; from < samples.length; from += BLOCK_ROWS) {
      const rows = Math.min(BLOCK_ROWS, samples.length - from)
      for (let row = 0; row < rows; row += 1) {
        const sample = samples[from + row] as number
        putRow(network, row, x, sample, mean, sd)
        for (let step = 0; step < steps; step += 1)
          targets[row * steps + step] = ((y[sample * steps + step] as number) - (last[sample] as number)) / scale
      }
      network.forward()
      loss += pinball(network.output, targets, network.outputGradients, { rows, steps, width }, share)
      network.backward()
    }
    return loss * share * scale
  }
}

/** The pinball losses of all heads, a target there is, in the unit. */
export const lossOf = (fitted: Fitted, { x, y }: Pick<Samples, 'x' | 'y'>): number => {
  const { p10, p50, p90 } = rawBands(fitted, x)
  let [n, loss] = [0, 0]
  for (const [head, forecast] of [p10, p50, p90].entries()) {
    const share = QUANTILES[head] as number
    for (let at = 0; at < y.length; at += 1) {
      const missing = (y[at] as number) - (forecast[at] as number)
      if (Number.isNaN(missing)) continue
      loss += missing > 0 ? share * missing : (share - 1) * missing
      if (head === 0) n += 1
    }
  }
  return loss / n
}
