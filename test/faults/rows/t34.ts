import { setTimeout as delay } from 'node:timers/promises'
import { postgresBus } from '#shared/bus/postgres.ts'
import { criterion, ofSpeed, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { devices, openProducer } from '../tools/produce.ts'
import { openSite } from '../tools/site.ts'
import { countStatuses, statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

const MIB = 1 << 20

/** Through the front door, to a function and to the log itself; readings go on beside it. */
export const t34: Row = {
  id: 'T34',
  buses: ['postgres'],
  what: 'oversize: 1 MiB + 1, 10 MiB, an event over 900 KiB',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    const producer = openProducer(site)
    const town = await openTown(stage, site, {
      functions: [
        { name: 'ingest', folder: 'functions/ingest' },
        { name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'] },
      ],
    })
    town.connect()
    const post = async (name: string, bytes: number) => {
      const answer = await fetch(`${town.url}/function/${name}`, {
        method: 'POST',
        headers: { 'content-type': name === 'ingest' ? 'application/json' : 'application/cloudevents+json' },
        body: Buffer.alloc(bytes, 32),
      }).catch((error: Error) => ({ status: error.name }))
      return answer.status
    }
    const bus = postgresBus(site.open(1, 'large'))
    const large = { topic: 'readings', partition: 0, key: 'd', id: 'large', type: 't', attributes: {} }
    const statuses: (number | string)[] = []
    const codes: string[] = []
    const rounds = stage.scaled(50, 6)
    for (let round = 0; round < rounds; round++) {
      await producer.append(devices(stage.events / rounds, `d-${round}`))
      for (const bytes of [MIB + 1, 10 * MIB]) {
        statuses.push(...(await Promise.all([post('ingest', bytes), post('unruly', bytes)])))
      }
      await bus.append([{ ...large, data: Buffer.alloc(901 * 1024) }]).catch((error: { code?: string }) => {
        codes.push(String(error.code))
      })
      await delay(20)
    }
    await atEnds(site)
    const { counts, effects } = await count(site.database, producer.ledger, 'unruly')
    const { rows } = await site.database.query<{ ms: number }>(
      `select round(extract(epoch from max(c.at - l.appended_at)) * 1000)::int as ms
       from counted c join log l on l.topic = c.topic and l.partition = c.partition and l."offset" = c."offset"`,
    )
    const seen = countStatuses(statuses)
    const slowest = rows[0]?.ms ?? Number.NaN
    const speed = ofSpeed(stage, criterion('none of them waits 5 s', `${slowest} ms at most`, slowest < 5_000))
    return {
      events: producer.ledger.size + statuses.length + codes.length,
      fired: statuses.length + codes.length,
      counts,
      criteria: [
        criterion('calls answered 413', statusText(seen), seen[413] === statuses.length),
        criterion(
          'appends refused as oversize',
          statusText(countStatuses(codes)),
          codes.length === rounds && codes.every((code) => code === 'oversize'),
        ),
        criterion('readings beside them', effects, effects === producer.ledger.size),
        ...speed.criteria,
      ],
      notes: speed.notes,
    }
  },
}
