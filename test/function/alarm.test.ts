import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { TickCall } from '#shared/function/event.ts'
import { workSlice } from '#shared/function/slice-work.ts'
import { workTick } from '#shared/function/tick-work.ts'
import { transaction } from '#shared/state/transaction.ts'
import { freshDatabase, type TestDatabase } from '#test/postgres.ts'
import { effectFunction, reading, sliceOf, toolsFor } from './harness.ts'

const AT = '2026-03-01T08:00:00.000Z'
const tick: TickCall = { kind: 'alarm', name: 'alarm', plannedAt: new Date(AT) }

/** A door that is opened once. */
function door() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

describe('an alarm that a unit asks for while its handler is at work', () => {
  let test: TestDatabase
  beforeAll(async () => {
    test = await freshDatabase()
    await test.database.query('create table effect (device text)')
  })
  afterAll(() => test.drop())
  beforeEach(async () => {
    await test.database.query('truncate effect, alarm, position, log cascade')
    await test.database.query(`insert into position values ('f', 'postgres', 'readings', 0, 0)`)
    await test.database.query(`insert into alarm values ('f', '${AT}')`)
  })

  /** `looked`: the alarm's handler has seen what there is; it goes on when `goOn` opens. */
  const world = () => {
    const [looked, goOn] = [door(), door()]
    const f = effectFunction('f', undefined, {
      async onEvents([event], { sql }) {
        await sql.query(`insert into effect values ('open')`)
        return { events: [{ topic: 'readings.late', data: event?.data as never }], wakeAt: new Date(AT) }
      },
      async onAlarm(_tick, { sql }) {
        await sql.query(`delete from effect where device = 'open'`)
        looked.open()
        await goOn.opened
        return undefined
      },
    })
    const tools = toolsFor(f, test.database)
    const alarm = workTick(tick, tools).then(
      () => 'taken',
      (error: { code: string }) => error.code,
    )
    return { looked, goOn, alarm, slice: () => workSlice(sliceOf(0, [reading('a', 0)]), tools), tools }
  }
  const alarms = async () => (await test.database.query<{ at: Date }>('select at from alarm')).rows.map(({ at }) => at)
  const open = async () => (await test.database.query('select 1 from effect')).rows.length

  it('is not taken away with the one before', async () => {
    const { looked, goOn, alarm, slice, tools } = world()
    await looked.opened
    expect(await slice()).toEqual({ next: 1n })
    goOn.open()
    expect([await alarm, await alarms(), await open()]).toEqual(['JN001', [new Date(AT)], 1])
    await workTick(tick, tools)
    expect([await alarms(), await open()]).toEqual([[], 0])
  })

  it('is not taken away either while that unit is not yet committed', async () => {
    const { looked, goOn, alarm, slice } = world()
    await looked.opened
    const [locked, unlock] = [door(), door()]
    const holder = transaction(test.database, async (sql) => {
      await sql.query(`select 1 from log_partition where topic = 'readings.late' for update`)
      locked.open()
      await unlock.opened
    })
    await locked.opened
    const unit = slice()
    const waiting = (n: number) => async () => {
      const { rows } = await test.database.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return rows.length === n
    }
    try {
      await until(waiting(1))
      goOn.open()
      await until(waiting(2))
    } finally {
      unlock.open()
      await holder
    }
    expect([await unit, await alarm, await alarms()]).toEqual([{ next: 1n }, 'JN001', [new Date(AT)]])
  })
})

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; performance.now() < end; ) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('did not come true within 30 s')
}
