import type { Errors } from './errors.ts'

/** A table in print, and how to know the data it is of. */
export interface Benchmark {
  name: string
  /** Of the values file. */
  sha256: string
  /** Whose data they are. */
  origin: string
  /** How the tables name the model, and its row: means over the steps to each horizon. */
  model: string
  /** The row's horizons. */
  minutes: readonly number[]
  errors: Errors
  /** What a reader of the row has to know. */
  remarks: readonly string[]
  /** Speeds from which on traffic is free, and below which it is congested, in the unit of the data. */
  limits: readonly [number, number]
}

const LOS_LOOP: Benchmark = {
  name: 'Los-loop',
  sha256: '7b732d86ae32b2930595becba28aff39dacbfb2197e250fc0332e1744ce2cbf4',
  origin:
    'a week of METR-LA, loop detectors of Los Angeles, which DCRNN (Li et al., 2018) brought into use; that week as published with T-GCN (Zhao et al., 2019); copies of MIT-licensed repositories (martinwhl/T-GCN-PyTorch, liyaguang/DCRNN)',
  model: 'T-GCN',
  minutes: [15, 30, 45, 60],
  errors: { rmse: [5.1264, 6.0598, 6.7065, 7.2677], mae: [3.1802, 3.7466, 4.1158, 4.6021] },
  remarks: [
    'As published: Zhao et al., *T-GCN: A Temporal Graph Convolutional Network for Traffic Prediction*, IEEE Transactions on Intelligent Transportation Systems, 2019. Its row at 15 minutes follows from the predictions in its repository, too (5.1264 / 3.1802); the others were not worked out again.',
    'Its authors report the epoch with the least error on the test part.',
    'Their tables hold means over the steps alone. At the step itself those predictions give 5.767 / 3.489 at 15 minutes; of the other horizons there are none.',
  ],
  limits: [55, 40],
}

/** The benchmark whose values file has that SHA-256; undefined for data of no published table. */
export const benchmarkOf = (sha256: string): Benchmark | undefined =>
  [LOS_LOOP].find((benchmark) => benchmark.sha256 === sha256)
