import { describe, expect, it } from '@jest/globals'
import { shortTime, table } from './table.ts'

describe('table', () => {
  it('aligns columns, numbers to the right', () => {
    expect(
      table(
        ['NAME', 'LAG', 'ERROR'],
        [
          ['ingest', 7, ''],
          ['city', 1234, 'x'],
        ],
      ),
    ).toEqual(['NAME     LAG  ERROR', 'ingest     7', 'city    1234  x'])
  })

  it('lets no control character of hostile input through', () => {
    expect(table(['ID', 'N'], [['\u001b[2Jx', 1]])).toEqual(['ID     N', '·[2Jx  1'])
  })
})

describe('shortTime', () => {
  it('takes the unit that fits', () => {
    expect([5, 1500, 90_000, 7_200_000, 172_800_000].map(shortTime)).toEqual(['5 ms', '1.5 s', '2 min', '2 h', '2 d'])
  })
})
