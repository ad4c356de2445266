import { replayDeadLetter } from '#runtime/dead-letters/replay.ts'
import { findDeadLetter } from '#runtime/dead-letters/rows.ts'
import { criterion, type Row } from '../row.ts'
import { ask } from '../tools/ask.ts'
import { count } from '../tools/count.ts'
import { devices, openProducer } from '../tools/produce.ts'
import { KEYS, openSite } from '../tools/site.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

const SICKNESS = `
  create function refuse() returns trigger language plpgsql as $$
  begin
    if new.id like 'sick%' then raise exception 'as ordered' using errcode = '22023'; end if;
    return new;
  end $$;
  create trigger refuse before insert on counted for each row execute function refuse()`

/** As many as the pool has connections. */
const AT_ONCE = 2

/** Brought back once in vain, once after the mend, and once too often: two rows of the audit each, one effect. */
export const t56: Row = {
  id: 'T56',
  buses: ['postgres'],
  what: 'the same dead letters replayed twice',
  needs: [],
  async run(stage) {
    const site = await openSite(stage)
    await site.database.query(SICKNESS)
    const producer = openProducer(site)
    const town = await openTown(stage, site, {
      functions: [{ name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'] }],
    })
    town.connect()
    const sick = stage.scaled(500, 40)
    await producer.append([...devices(stage.events), ...devices(sick, 'sick')])
    await atEnds(site)
    const { rows: letters } = await site.database.query<{ id: string }>('select id from dead_letter')
    const replayOne = async ({ id }: { id: string }) => {
      const letter = await findDeadLetter(site.database, id)
      if (letter === undefined) return 'gone'
      const { outcome, detail } = await replayDeadLetter(letter, {
        database: site.database,
        keyFor: async () => KEYS.invoke,
        async deliver(name, call) {
          const { status, text: detail } = await ask(`${town.url}/function/${name}`, { method: 'POST', ...call })
          return { status, detail }
        },
      })
      return outcome === 'resolved' ? `${outcome} (${detail})` : outcome
    }
    const replay = async () => {
      const outcomes: string[] = []
      for (let from = 0; from < letters.length; from += AT_ONCE)
        outcomes.push(...(await Promise.all(letters.slice(from, from + AT_ONCE).map(replayOne))))
      return [...new Set(outcomes)].join()
    }
    const inVain = await replay()
    await site.database.query('drop trigger refuse on counted')
    const mended = await replay()
    const tooOften = await replay()
    const { counts, effects } = await count(site.database, producer.ledger, 'unruly')
    const { rows } = await site.database.query<{ n: number }>('select count(*)::int as n from dead_letter_replay')
    return {
      events: producer.ledger.size,
      fired: letters.length,
      counts,
      criteria: [
        criterion('dead letters', letters.length, letters.length === sick),
        criterion('replayed in vain', inVain, inVain === 'failed'),
        criterion('replayed after the mend', mended, mended === 'resolved (accepted)'),
        criterion('replayed once too often', tooOften, tooOften === 'resolved (it was brought back before)'),
        criterion('audit rows = 2 each', rows[0]?.n ?? -1, rows[0]?.n === 2 * sick),
        criterion('effects', effects, effects === stage.events + sick),
      ],
    }
  },
}
