/** A fitted network as numbers: everything that the ONNX file holds. */
export interface Fitted {
  /**
   * Widths of the layers: inputs, hidden ones, outputs. The outputs are 3 × steps: P10 of each step, then P50, then P90,
   * as changes from the newest reading in units of `scale`.
   */
  sizes: readonly number[]
  /** One a layer: inputs × outputs, row by row. ReLU between layers, none after the last. */
  weights: readonly Float32Array[]
  biases: readonly Float32Array[]
  /** Of each column of the input: (x − mean) / sd is what the first layer takes. */
  mean: Float32Array
  sd: Float32Array
  /** The column that holds the newest reading minus `centre`, in the unit. */
  newest: number
  centre: number
  scale: number
  /** Forecasts lie within these. */
  low: number
  high: number
  /** One a step, in the unit: how much wider the band becomes on either side (narrower where negative). */
  conformal: Float32Array
}
