import { Hono } from 'hono'
import { defineFunction, type Stand } from '#shared/function/define.ts'

/** Has a schedule and answers HTTP calls, too; a city on the moon it refuses to start in. */
const twoFaces = () => {
  let stands: Stand = () => {}
  return defineFunction({
    name: 'two-faces',
    async onStart({ settings, gauge }) {
      if (settings.mapStyleUrl === 'https://moon.example/') throw new Error('there is no traffic on the moon')
      stands = gauge('test_stand', 'What was posted last', ['what', 'half'])
    },
    async onSchedule({ plannedAt }, { sql }) {
      await sql.query('insert into effect (what) values ($1)', [plannedAt.toISOString()])
      return undefined
    },
    access: { '/': 'device', '/open': 'anonymous' },
    http: () =>
      new Hono()
        .post('/', async (c) => {
          const what = await c.req.text()
          stands([
            { labels: { what, half: 'first' }, value: 1 },
            { labels: { what, half: 'second' }, value: 2.5 },
          ])
          return c.text(`heard ${what}`)
        })
        .post('/open', (c) => c.text('open')),
  })
}

export default twoFaces()
