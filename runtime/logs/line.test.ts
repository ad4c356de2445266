import { expect, it } from '@jest/globals'
import { markOf, readLine } from './line.ts'

it('reads what it marks', () => {
  const at = new Date('2012-03-01T08:00:00.123Z')
  expect(readLine(`${markOf(at, 4711)}{"msg":"a b"}`)).toEqual({ at, pid: 4711, text: '{"msg":"a b"}' })
  expect(readLine(`${markOf(at, 1)}`)).toEqual({ at, pid: 1, text: '' })
})

it.each(['', 'plain', '{"time":"2012-03-01T08:00:00.123Z"}', '2012-03-01 08:00:00.123 UTC [12] LOG:  ready'])(
  'leaves %j of another as it is',
  (text) => expect(readLine(text)).toEqual({ at: undefined, pid: undefined, text }),
)
