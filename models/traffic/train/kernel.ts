import { multiplyAddModule } from './wasm.ts'

/** Numbers of a kernel: float32 in training, float64 where a test looks at gradients. */
export type Numbers = Float32Array | Float64Array

/** What a fit computes with: memory of its own, and the one product that takes nearly all of its time. */
export interface Kernel {
  /** So many numbers, all 0. */
  numbers(length: number): Numbers
  /**
   * `c += a · b`, row by row: `a` is m × k, or k × m and taken transposed; `b` is k × n, `c` m × n.
   * m is a multiple of 4, n of 8; all are numbers of this kernel.
   */
  multiplyAdd(a: Numbers, transposed: boolean, b: Numbers, c: Numbers, m: number, n: number, k: number): void
  /** Sets what is negative to 0. */
  rectify(values: Numbers): void
  /** Sets gradients to 0 where values, which were rectified, are. */
  stopWhere0(gradients: Numbers, values: Numbers): void
}

/** A size, as the kernels want it. */
export const padded = (size: number): number => Math.ceil(size / 8) * 8

/** What a kernel should do, in the plainest way: for tests. */
export const plainKernel = (): Kernel => ({
  numbers: (length) => new Float64Array(length),
  multiplyAdd(a, transposed, b, c, m, n, k) {
    for (let i = 0; i < m; i += 1)
      for (let l = 0; l < k; l += 1) {
        const factor = (transposed ? a[l * m + i] : a[i * k + l]) as number
        for (let j = 0; j < n; j += 1) (c[i * n + j] as number) += factor * (b[l * n + j] as number)
      }
  },
  rectify(values) {
    for (let i = 0; i < values.length; i += 1) values[i] = Math.max(values[i] as number, 0)
  },
  stopWhere0(gradients, values) {
    for (let i = 0; i < values.length; i += 1) if (values[i] === 0) gradients[i] = 0
  },
})

// TypeScript knows WebAssembly from the libraries of browsers alone.
declare const WebAssembly: {
  Module: new (code: Uint8Array<ArrayBuffer>) => object
  Instance: new (module: object, imports: object) => { exports: Record<string, unknown> }
  Memory: new (size: { initial: number }) => { buffer: ArrayBuffer }
}

type MultiplyAdd = (...numbers: number[]) => void

const PAGE = 65_536
const FLOAT = 4

/**
 * The kernel for training: WebAssembly with 128-bit SIMD, about eight times as fast as the best loops in JavaScript,
 * with the same bits on each machine. It has room for so many numbers.
 */
export const simdKernel = (room: number): Kernel => {
  const memory = new WebAssembly.Memory({ initial: Math.ceil((room * FLOAT) / PAGE) + 1 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(multiplyAddModule()), { env: { memory } })
  const multiplyAdd = exports.multiplyAdd as MultiplyAdd
  let used = 0
  return {
    numbers(length) {
      const array = new Float32Array(memory.buffer, used, length)
      used += Math.ceil((length * FLOAT) / 64) * 64
      return array
    },
    multiplyAdd(a, transposed, b, c, m, n, k) {
      const [aRow, aStep] = transposed ? [FLOAT, m * FLOAT] : [k * FLOAT, FLOAT]
      multiplyAdd(a.byteOffset, aRow, aStep, b.byteOffset, c.byteOffset, n * FLOAT, m, n, k)
    },
    // By their bits, as a processor cannot foresee signs: a branch a number would cost ten times as much.
    rectify(values) {
      const bits = bitsOf(values)
      for (let i = 0; i < bits.length; i += 1) (bits[i] as number) &= ~((bits[i] as number) >> 31)
    },
    stopWhere0(gradients, values) {
      const [to, from] = [bitsOf(gradients), bitsOf(values)]
      for (let i = 0; i < to.length; i += 1) (to[i] as number) &= -(from[i] as number) >> 31
    },
  }
}

const bitsOf = ({ buffer, byteOffset, length }: Numbers): Int32Array => new Int32Array(buffer, byteOffset, length)
