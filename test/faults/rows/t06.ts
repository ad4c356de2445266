import { deaths } from '../city/deaths.ts'
import { delivered } from '../city/delivered.ts'
import type { Row } from '../row.ts'

/** The effect is written, nothing is committed: all of it must be gone and come again. */
export const t06: Row = {
  id: 'T06',
  buses: ['postgres', 'kafka', 'nats'],
  what: 'function SIGKILLed between effect and COMMIT',
  needs: ['redeliveries'],
  async run(stage) {
    const city = await stage.city()
    const fired = await deaths(stage, city, 'die-before-commit', stage.scaled(20, 5))
    return { ...(await delivered(city)), fired, criteria: [] }
  },
}
