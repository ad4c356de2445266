import { describe, expect, it } from '@jest/globals'
import { type Kernel, plainKernel, simdKernel } from './kernel.ts'
import { randomFrom } from './random.ts'

/** c + a · b of random numbers. */
const product = (kernel: Kernel, transposed: boolean, [m, n, k]: readonly [number, number, number]) => {
  const random = randomFrom(1)
  const filled = (length: number) => {
    const numbers = kernel.numbers(length)
    for (let i = 0; i < length; i += 1) numbers[i] = Math.fround(random() - 0.5)
    return numbers
  }
  const [a, b, c] = [filled(m * k), filled(k * n), filled(m * n)] as const
  kernel.multiplyAdd(a, transposed, b, c, m, n, k)
  return [...c]
}

describe('the kernel of WebAssembly', () => {
  it.each([
    [4, 8, 1],
    [12, 16, 20],
    [64, 40, 64],
    [48, 64, 64],
  ] as const)('multiplies %d × %d over %d as plain loops do', (...sizes) => {
    for (const transposed of [false, true]) {
      const expected = product(plainKernel(), transposed, sizes)
      for (const [i, value] of product(simdKernel(50_000), transposed, sizes).entries())
        expect(value).toBeCloseTo(expected[i] as number, 5)
    }
  })

  it('does as a literal says', () => {
    const kernel = simdKernel(200)
    const [a, b, c] = [kernel.numbers(8), kernel.numbers(16), kernel.numbers(32)]
    a.set([1, 2, 0, 1, 3, 0, -1, 1])
    b.set([1, 2, 3, 4, 5, 6, 7, 8, 10, 20, 30, 40, 50, 60, 70, 80])
    c.fill(1)
    kernel.multiplyAdd(a, false, b, c, 4, 8, 2)
    expect([...c.subarray(0, 8)]).toEqual([22, 43, 64, 85, 106, 127, 148, 169])
    expect([...c.subarray(24, 32)]).toEqual([10, 19, 28, 37, 46, 55, 64, 73])
  })

  it('rectifies as a literal says, and stops gradients there', () => {
    for (const kernel of [simdKernel(20), plainKernel()]) {
      const [values, gradients] = [kernel.numbers(4), kernel.numbers(4)]
      values.set([-2, 0, 1e-30, 3])
      kernel.rectify(values)
      expect([...values]).toEqual([0, 0, values[2], 3])
      expect(values[2]).toBeGreaterThan(0)
      gradients.set([1, 2, -3, -4])
      kernel.stopWhere0(gradients, values)
      expect([...gradients]).toEqual([0, 0, -3, -4])
    }
  })
})
