import { expect, it } from '@jest/globals'
import { valueAt } from './pointer.ts'

// The examples of RFC 6901, section 5, and what must find nothing.
const DOCUMENT = JSON.parse(
  String.raw`{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8,"none":null}`,
)

it.each([
  ['', DOCUMENT],
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/c%d', 2],
  ['/e^f', 3],
  ['/g|h', 4],
  ['/i\\j', 5],
  ['/k"l', 6],
  ['/ ', 7],
  ['/m~0n', 8],
  ['/none', null],
  ['/none/x', undefined],
  ['/foo/2', undefined],
  ['/foo/00', undefined],
  ['/foo/-', undefined],
  ['/foo/length', undefined],
  ['/foo/0/length', undefined],
  ['/toString', undefined],
  ['/__proto__', undefined],
])('%j finds %j', (pointer, value) => {
  expect(valueAt(DOCUMENT, pointer)).toEqual(value)
})
