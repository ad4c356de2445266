import type { Fitted } from './fitted.ts'

type Layers = Pick<Fitted, 'sizes' | 'weights' | 'biases'>

/**
 * One network that gives the mean of what several of one shape give: their hidden layers stand side by side, linked by
 * nothing, and the last layer takes a share of each.
 */
export const joinNetworks = (members: readonly Layers[]): Layers => {
  const [{ sizes }] = members as [Layers]
  const last = sizes.length - 2
  const wide = sizes.map((size, at) => (at === 0 || at === sizes.length - 1 ? size : size * members.length))
  return {
    sizes: wide,
    weights: sizes.slice(1).map((outputs, layer) => {
      const inputs = sizes[layer] as number
      const width = wide[layer + 1] as number
      const joined = new Float32Array((wide[layer] as number) * width)
      for (const [nth, { weights }] of members.entries()) {
        const its = weights[layer] as Float32Array
        const firstRow = layer === 0 ? 0 : nth * inputs
        const firstColumn = layer === last ? 0 : nth * outputs
        for (let i = 0; i < inputs; i += 1)
          for (let j = 0; j < outputs; j += 1)
            joined[(firstRow + i) * width + firstColumn + j] =
              (its[i * outputs + j] as number) / (layer === last ? members.length : 1)
      }
      return joined
    }),
    biases: sizes.slice(1).map((outputs, layer) => {
      const joined = new Float32Array(wide[layer + 1] as number)
      for (const [nth, { biases }] of members.entries())
        for (const [j, value] of (biases[layer] as Float32Array).entries())
          if (layer === last) (joined[j] as number) += value / members.length
          else joined[nth * outputs + j] = value
      return joined
    }),
  }
}
