import { describe, expect, it } from '@jest/globals'
import { CATALOGUE, matrixOf, OWN } from './matrix.ts'
import { BUSES, type Row } from './row.ts'
import { rows } from './rows/index.ts'

const unanswered = (some: Row[]): string[] => {
  const matrix = matrixOf(some)
  return [...CATALOGUE, ...OWN].flatMap((id) =>
    BUSES.filter((bus) => matrix[id]?.[bus] === undefined).map((bus) => `${id} on ${bus}: neither code nor a reason`),
  )
}

describe('the matrix of faults and buses', () => {
  it('answers for the rows of the catalogue: T01 to T23, T31 to T33, T35 to T42, T46, T47, T50, T52 to T61', () => {
    expect(CATALOGUE).toHaveLength(23 + 3 + 8 + 2 + 1 + 10)
    expect(new Set(CATALOGUE).size).toBe(CATALOGUE.length)
    for (const id of ['T01', 'T23', 'T31', 'T33', 'T35', 'T42', 'T46', 'T47', 'T50', 'T52', 'T61'])
      expect(CATALOGUE).toContain(id)
  })

  it('has code or a written reason for each row on each bus', () => {
    expect(unanswered(rows)).toEqual([])
  })

  it('sees a row whose code is gone', () => {
    expect(unanswered(rows.filter(({ id }) => id !== 'T05'))).toContain('T05 on kafka: neither code nor a reason')
  })

  it('has one code for one row', () => {
    const ids = rows.map(({ id }) => id)
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  })
})
