const I32 = 0x7f
const V128 = 0x7b
const SIMD = 0xfd

/** Unsigned LEB128. */
const uint = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...uint(value >>> 7)])
/** Signed LEB128. */
const int = (value: number): number[] =>
  value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...int(value >> 7)]

const counted = (items: number[][]): number[] => [...uint(items.length), ...items.flat()]
const section = (id: number, body: number[]): number[] => [id, ...uint(body.length), ...body]
const text = (value: string): number[] => [...uint(value.length), ...Buffer.from(value)]

const get = (local: number): number[] => [0x20, ...uint(local)]
const set = (local: number): number[] => [0x21, ...uint(local)]
const constant = (value: number): number[] => [0x41, ...int(value)]
const add = [0x6a]
/** local += what `amount` leaves on the stack. */
const advance = (local: number, amount: number[]): number[] => [...get(local), ...amount, ...add, ...set(local)]
const copy = (to: number, from: number): number[] => [...get(from), ...set(to)]
/** As often as `counter` says, which is at least once. */
const repeat = (counter: number, body: number[]): number[] => [
  ...[0x03, 0x40, ...body],
  ...advance(counter, constant(-1)),
  ...[...get(counter), 0x0d, 0x00, 0x0b],
]
const simd = (code: number): number[] => [SIMD, ...uint(code)]
/** v128.load, .load32_splat and .store; the second byte is log2 of the alignment. */
const load = (offset: number): number[] => [...simd(0), 4, ...uint(offset)]
const splat: number[] = [...simd(9), 2, 0]
const store = (offset: number): number[] => [...simd(11), 4, ...uint(offset)]
const mulF32x4 = simd(0xe6)
const addF32x4 = simd(0xe4)

/** Rows and vectors of four columns that are kept in registers: 8 sums, 2 vectors of b and one of a fit into 16. */
const ROWS = [0, 1, 2, 3]
const VECTORS = [0, 1]
const VECTOR_BYTES = 16
const BLOCK_BYTES = VECTORS.length * VECTOR_BYTES

/**
 * A WebAssembly module that imports `env.memory` and exports
 * `multiplyAdd(a, aRow, aStep, b, c, width, m, n, k)`: c += a · b over float32, addresses and strides in bytes
 * (`aRow` to the next row of a, `aStep` to the next along k, `width` of a row of b and c).
 */
export const multiplyAddModule = (): Uint8Array<ArrayBuffer> => {
  const [a, aRow, aStep, b, c, width, m, n, k] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const
  // Counters, the running addresses of a block, then its registers.
  const [columns, deep, cBlock, bBlock, bAt] = [9, 10, 11, 12, 13] as const
  const aAt = ROWS.map((row) => 14 + row)
  const cAt = ROWS.map((row) => 18 + row)
  const sum = (row: number, vector: number) => 22 + row * VECTORS.length + vector
  const right = (vector: number) => 30 + vector
  const left = 32

  const eachSum = (make: (row: number, vector: number) => number[]): number[] =>
    ROWS.flatMap((row) => VECTORS.flatMap((vector) => make(row, vector)))
  const step = [
    ...VECTORS.flatMap((vector) => [...get(bAt), ...load(vector * VECTOR_BYTES), ...set(right(vector))]),
    ...advance(bAt, get(width)),
    ...ROWS.flatMap((row) => [
      ...[...get(aAt[row] as number), ...splat, ...set(left)],
      ...advance(aAt[row] as number, get(aStep)),
      ...VECTORS.flatMap((vector) => [
        ...[...get(sum(row, vector)), ...get(left), ...get(right(vector))],
        ...[...mulF32x4, ...addF32x4, ...set(sum(row, vector))],
      ]),
    ]),
  ]
  const block = [
    ...[...copy(bAt, bBlock), ...copy(deep, k)],
    ...[...copy(aAt[0] as number, a), ...copy(cAt[0] as number, cBlock)],
    ...[1, 2, 3].flatMap((row) => [
      ...[...get(aAt[row - 1] as number), ...get(aRow), ...add, ...set(aAt[row] as number)],
      ...[...get(cAt[row - 1] as number), ...get(width), ...add, ...set(cAt[row] as number)],
    ]),
    ...eachSum((row, vector) => [...get(cAt[row] as number), ...load(vector * VECTOR_BYTES), ...set(sum(row, vector))]),
    ...repeat(deep, step),
    ...eachSum((row, vector) => [
      ...get(cAt[row] as number),
      ...get(sum(row, vector)),
      ...store(vector * VECTOR_BYTES),
    ]),
    ...[...advance(bBlock, constant(BLOCK_BYTES)), ...advance(cBlock, constant(BLOCK_BYTES))],
    ...advance(columns, constant(-7)),
  ]
  const fourTimes = (local: number): number[] => [...get(local), ...constant(2), 0x74]
  const body = [
    ...repeat(m, [
      ...[...copy(columns, n), ...copy(bBlock, b), ...copy(cBlock, c)],
      ...repeat(columns, block),
      ...[...advance(a, fourTimes(aRow)), ...advance(c, fourTimes(width)), ...advance(m, constant(-3))],
    ]),
    0x0b,
  ]
  const locals = counted([
    [...uint(22 - 9), I32],
    [...uint(33 - 22), V128],
  ])
  const code = [...locals, ...body]
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, counted([[0x60, ...counted(Array.from({ length: 9 }, () => [I32])), 0]])),
    ...section(2, counted([[...text('env'), ...text('memory'), 0x02, 0x00, 0]])),
    ...section(3, counted([[0]])),
    ...section(7, counted([[...text('multiplyAdd'), 0x00, 0]])),
    ...section(10, counted([[...uint(code.length), ...code]])),
  ])
}
