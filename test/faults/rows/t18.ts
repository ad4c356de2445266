import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openLedger } from '#test/e2e/ledger.ts'
import { until } from '#test/e2e/runtime.ts'
import { criterion, type Row } from '../row.ts'
import { count } from '../tools/count.ts'
import { openSite, type Site } from '../tools/site.ts'
import { openSmallDisk } from '../tools/small-disk.ts'
import { countStatuses, statusText } from '../tools/statuses.ts'
import { openTown } from '../tools/town.ts'
import { atEnds } from '../tools/wait.ts'

const CLIENTS = 8

/** The disk of PostgreSQL fills up under load, stays full, and is freed by hand: what was answered 202 is there. */
export const t18: Row = {
  id: 'T18',
  buses: ['postgres'],
  what: 'disk full under log and dead letters',
  needs: [],
  async run(stage) {
    const disk = openSmallDisk(stage, 400)
    const site = await openSite(stage, { storage: disk.folder })
    const ledger = openLedger(join(stage.folder, 'ledger'))
    const town = await openTown(stage, site, {
      functions: [
        { name: 'ingest', folder: 'functions/ingest' },
        { name: 'unruly', folder: 'test/functions/unruly', topics: ['readings'] },
      ],
      limits: { firstPauseMs: 200 },
    })
    town.connect()
    const accepted = new Set<string>()
    const during: (number | string)[] = []
    let full = false
    let over = false
    let n = 0
    const client = async () => {
      while (!over) {
        // As large as a reading gets, so that the log grows; some are poison, so that dead letters are written.
        const device = `${n % 50 === 49 ? 'poison' : 'd'}-${n++}`
        const observedAt = new Date().toISOString()
        const measures = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`measure-${i}`, Math.random()]))
        const id = `${device}@${observedAt}`
        ledger.write([id])
        const wasFull = full
        const status = await fetch(`${town.url}/function/ingest`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ device, observedAt, measures }),
          signal: AbortSignal.timeout(20_000),
        }).then(
          async (answer) => {
            await answer.arrayBuffer()
            return answer.status
          },
          (error: Error) => error.name,
        )
        if (status === 202) accepted.add(id)
        else if (wasFull || full) during.push(status)
        // A moment's stall of PostgreSQL is answered so, too.
        else if (status !== 503) throw new Error(`${id} was answered ${status} while the disk had room`)
        if (status !== 202) await delay(50)
      }
    }
    const clients = Array.from({ length: CLIENTS }, client)
    const load = Promise.all(clients)
    load.catch(() => {})
    stage.atEnd(() => {
      over = true
    })
    const refusedIn = async (provoke: () => Promise<unknown>, shown: () => boolean) => {
      await delay(stage.scaled(10_000, 2_000))
      await until('enough was accepted', async () => accepted.size > 100)
      const refusals = during.length
      full = true
      disk.fill()
      // What was made ahead takes some more; refusals are the proof that the disk is full.
      await until('the full disk shows', async () => {
        await provoke()
        disk.fill()
        return shown() && during.length >= refusals + CLIENTS
      })
      await delay(stage.scaled(30_000, 2_500))
      const whileFull = accepted.size
      disk.free()
      const freed = performance.now()
      await until('readings are accepted again', async () => accepted.size > whileFull + CLIENTS, 120_000)
      full = false
      return performance.now() - freed
    }
    const afterLog = await refusedIn(
      async () => {},
      () => true,
    )
    // Segments of the write-ahead log are used up until the next cannot be made: PostgreSQL itself falls.
    const afterCrash = await refusedIn(
      () =>
        site.database.query(`select pg_logical_emit_message(false, 'faults', repeat('x', 8000000))`).catch(() => {}),
      () => crashesOf(site) > 0,
    )
    const crashed = crashesOf(site) > 0
    await delay(stage.scaled(5_000, 1_000))
    over = true
    await load
    await atEnds(site)
    const { counts, deadLetters } = await count(site.database, accepted, 'unruly')
    // What was stored but not acknowledged is no forgery: its sender sent it, and would send it again.
    const { counts: sent } = await count(site.database, ledger.ids, 'unruly')
    ledger.close()
    const refusals = countStatuses(during)
    return {
      events: ledger.ids.size,
      fired: during.length,
      counts: { ...counts, forged: sent.forged },
      criteria: [
        criterion('accepted', accepted.size, accepted.size > 100),
        criterion('PostgreSQL fell for want of a write-ahead log', String(crashed), crashed),
        criterion('refusals are 503 alone', statusText(refusals), Object.keys(refusals).join() === '503'),
        criterion('dead letters of the poison', deadLetters, deadLetters > 0),
        ...[afterLog, afterCrash].map((ms) =>
          criterion('accepts again by itself within 30 s', `${Math.round(ms)} ms`, ms < 30_000),
        ),
      ],
    }
  },
}

const crashesOf = ({ folder }: Site): number =>
  readFileSync(join(folder, 'postgres.log'), 'utf8').split('PANIC:  ').length - 1
