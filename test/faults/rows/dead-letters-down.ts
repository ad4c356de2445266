import { criterion, type Row } from '../row.ts'

/** Dead letters cannot be written while poison comes: what cannot be buried must not be passed. */
export const deadLettersDown: Row = {
  id: 'T33',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'dead letters cannot be written while poison arrives',
  needs: [],
  async run(stage) {
    const city = await stage.city()
    await city.database.query('alter table dead_letter rename to dead_letter_away')
    await city.generator.send({ events: stage.events, poisonEvery: 100 }).done
    const began = Date.now()
    const poison = Math.floor(stage.events / 100)
    await city.tried(stage.events / 20)
    const passed = await city.retried(async (database) => {
      const { rows } = await database.query<{ n: string }>(
        `select count(*) as n from position p where consumer = 'counting' and next > 0 and exists
           (select 1 from log l where l.topic = p.topic and l.partition = p.partition and l."offset" < p.next
              and right(convert_from(l.data, 'UTF8'), 1) <> '}')`,
      )
      return Number(rows[0]?.n)
    })
    await city.database.query('alter table dead_letter_away rename to dead_letter')
    stage.say(`dead letters can be written again after ${Date.now() - began} ms`)
    await city.atRest()
    const { rows } = await city.database.query<{ n: number }>('select count(*)::int as n from dead_letter')
    return {
      events: city.generator.count(),
      fired: poison,
      redeliveries: city.orders.redeliveries(),
      counts: await city.counts(),
      criteria: [
        criterion('partitions that passed poison meanwhile', passed, passed === 0),
        criterion('dead letters', rows[0]?.n ?? 0, rows[0]?.n === poison),
      ],
    }
  },
}
