import { until } from '#test/e2e/runtime.ts'
import { delivered } from '../city/delivered.ts'
import { criterion, type Row } from '../row.ts'

const DOWN = `create function no_letters() returns trigger language plpgsql as
  $$ begin raise exception 'no space left for dead letters' using errcode = '53100'; end $$;
  create trigger no_letters before insert on dead_letter for each row execute function no_letters()`

const PASSED = `select count(*)::int as n from log l
  join position p on p.consumer = 'counting' and p.topic = l.topic and p.partition = l.partition
  where l."offset" < p.next and right(convert_from(l.data, 'UTF8'), 1) <> '}'`

/** What of T33 concerns the unit alone: what cannot be buried must not be passed. */
export const deadLettersDown: Row = {
  id: 'T33U',
  buses: ['postgres'],
  what: 'dead letters cannot be written while poison arrives',
  needs: [],
  async run(stage) {
    const city = await stage.city()
    const number = async (sql: string) => (await city.database.query<{ n: number }>(sql)).rows[0]?.n ?? 0
    await city.database.query(DOWN)
    await city.generator.send({ events: stage.events, poisonEvery: 50 }).done
    const poison = Math.floor(stage.events / 50)
    await until('the counting function is paused, or has passed the poison', async () => {
      const [consumer] = (await city.connectors[0]?.status())?.consumers ?? []
      return consumer?.state === 'breaker' || (await city.behind()) === 0
    })
    const passed = await number(PASSED)
    await city.database.query('drop trigger no_letters on dead_letter')
    await city.atRest()
    const letters = await number('select count(*)::int as n from dead_letter')
    return {
      ...(await delivered(city)),
      fired: poison,
      criteria: [
        criterion('poison passed meanwhile', passed, passed === 0),
        criterion('dead letters', letters, letters === poison),
      ],
    }
  },
}
