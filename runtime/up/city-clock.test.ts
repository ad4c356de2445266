import { expect, it } from '@jest/globals'
import { startHeartbeat } from './city-clock.ts'

it('has its last beat last, however late PostgreSQL answers those before', async () => {
  const asked: unknown[] = []
  const answers: (() => void)[] = []
  const sql = {
    query: <Row>(_text: string, [aheadMs]: unknown[] = []) =>
      new Promise<{ rows: Row[]; rowCount: number; command: string }>((resolve) => {
        asked.push(aheadMs)
        answers.push(() => resolve({ rows: [], rowCount: 1, command: 'UPDATE' }))
      }),
  }
  const stop = startHeartbeat(sql, () => {})
  // The time of two more beats.
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  const stopped = stop()
  await new Promise(setImmediate)
  expect(asked).toEqual([2_000])
  answers[0]?.()
  while (answers.length < 2) await new Promise(setImmediate)
  answers[1]?.()
  await stopped
  expect(asked).toEqual([2_000, 0])
})
