import { deaths } from '../city/deaths.ts'
import { delivered } from '../city/delivered.ts'
import { criterion, type Row } from '../row.ts'

/** The effect is committed and the answer lost: the slice comes again, and must find its position moved. */
export const t07: Row = {
  id: 'T07',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'response lost after COMMIT',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city()
    const fired = await deaths(stage, city, 'die-after-commit', stage.scaled(30, 5))
    const tries = city.orders.tries()
    const came = await delivered(city)
    return {
      ...came,
      fired,
      criteria: [
        criterion('invoked more often than there are effects', `${tries} > ${came.events}`, tries > came.events),
      ],
    }
  },
}
