/**
 * What a live block costs the indexer: Ponder's own transaction for it, and the time from a bare `newHeads` client to NOTIFY,
 * for our handlers and, on a chain of the same blocks, for an app that only inserts the entry's row. Blocks alternate between
 * the two, and each is done before the next is mined.
 */
import { join } from 'node:path'
import { createPostgres } from '../stack/postgres.ts'
import { createEntryApp, ownApp } from './support/apps.ts'
import { createDice, randomCalls } from './support/entries.ts'
import { median, share, spread } from './support/figures.ts'
import { follow, type Took } from './support/follower.ts'
import { onGround } from './support/ground.ts'
import type { Written } from './support/journal.ts'
import type { Breakdown } from './support/metrics.ts'
import type { Table } from './table.ts'

const POPULATION = 20_000

interface Shape {
  readonly name: string
  readonly calls: number
  /** Entries of a call, all by one player. */
  readonly each: number
}
const SHAPES: readonly Shape[] = [
  { name: '1 entry', calls: 1, each: 1 },
  { name: '20 entries', calls: 20, each: 1 },
  { name: '100 entries', calls: 100, each: 1 },
  { name: '200 entries', calls: 200, each: 1 },
  { name: '200 entries, two calls', calls: 2, each: 100 },
]

interface Measured {
  readonly shape: Shape
  readonly took: Readonly<Record<'ours' | 'only' | 'young', readonly Took[]>>
  readonly entries: number
  readonly rows: Written
}

export const live = async ({ isQuick }: { isQuick: boolean }): Promise<readonly Table[]> =>
  onGround('live', async (ground) => {
    const repetitions = isQuick ? 5 : 15
    const server = await createPostgres({ directory: join(ground.folder, 'postgres') })
    ground.later(server.stop)
    const dice = createDice(1)
    const backfill = Array.from({ length: isQuick ? 20 : 60 }, () => [
      ...randomCalls(dice, { count: 50, each: 1, population: POPULATION }),
      ...randomCalls(dice, { count: 1, each: 100, population: POPULATION }),
    ])
    const entryApp = await createEntryApp(join(ground.folder, 'entry'))
    const ours = await follow(ground, server, { name: 'ours', root: ownApp, backfill })
    const only = await follow(ground, server, { name: 'entry_only', root: entryApp, backfill })
    const young = await follow(ground, server, { name: 'young', root: ownApp, backfill: [] })

    const measured: Measured[] = []
    for (const shape of SHAPES) {
      const took = { ours: [] as Took[], only: [] as Took[], young: [] as Took[] }
      const before = await ours.journal()
      for (let turn = -2; turn < repetitions; turn++) {
        const calls = randomCalls(dice, {
          count: shape.calls,
          each: shape.each,
          population: POPULATION,
        })
        const [a, b, c] = [await ours.mine(calls), await only.mine(calls), await young.mine(calls)]
        // The first two warm up.
        if (turn < 0) continue
        took.ours.push(a)
        took.only.push(b)
        took.young.push(c)
      }
      const entries = shape.calls * shape.each * (repetitions + 2)
      measured.push({ shape, took, entries, rows: await ours.writtenSince(before) })
    }
    if ((await ours.entries()) !== (await only.entries()))
      throw new Error('the two apps hold different entries: no figure')
    const commits = (some: readonly Took[]) => some.map(({ commit }) => commit)
    const times: Table = {
      title: `A live block in Ponder's transaction, ${repetitions} blocks each, ms`,
      columns: [
        'ours',
        'only the entry row',
        'ours ÷ only',
        'ours, nothing backfilled',
        'newHeads → NOTIFY, ours',
        'only',
      ],
      rows: measured.map(({ shape, took }) => ({
        name: shape.name,
        values: [
          spread(commits(took.ours)),
          spread(commits(took.only)),
          share(commits(took.ours), commits(took.only)),
          spread(commits(took.young)),
          spread(took.ours.map(({ notify }) => notify)),
          spread(took.only.map(({ notify }) => notify)),
        ],
      })),
    }
    const parts: readonly (keyof Breakdown)[] = [
      'prefetch',
      'reads',
      'readCount',
      'handlers',
      'journal',
      'rest',
    ]
    const where: Table = {
      title: 'Where the time of a block goes, median, ms',
      columns: [
        'prefetch',
        'reads one by one',
        'how many',
        'handlers',
        'journal',
        'flush, begin, commit',
      ],
      rows: measured.flatMap(({ shape, took }) =>
        (['ours', 'young', 'only'] as const).map((app) => ({
          name: `${shape.name}, ${{ ours: 'ours', young: 'ours, nothing backfilled', only: 'only the entry row' }[app]}`,
          values: parts.map((part) =>
            median(took[app].map(({ breakdown }) => Number(breakdown[part]))),
          ),
        })),
      ),
    }
    const missed: Table = {
      title:
        'Rows read one by one, by table, median of a block (ours, ours with nothing backfilled)',
      columns: SHAPES.map(({ name }) => name),
      rows: [
        ...new Set(
          measured.flatMap(({ took }) =>
            [...took.ours, ...took.young].flatMap(({ breakdown }) => [...breakdown.misses.keys()]),
          ),
        ),
      ].map((table) => ({
        name: table,
        values: measured.map(({ took }) =>
          [took.ours, took.young]
            .map((some) => median(some.map(({ breakdown }) => breakdown.misses.get(table) ?? 0)))
            .join(', '),
        ),
      })),
    }
    const written: Table = {
      title: 'Rows written for one entry, from the journal of live blocks',
      columns: ['own', 'shared', 'of the call', 'all'],
      rows: measured.map(({ shape, rows: { own, shared, other }, entries }) => ({
        name: shape.name,
        values: [own, shared, other, own + shared + other].map((rows) =>
          (rows / entries).toFixed(2),
        ),
      })),
    }
    return [times, where, missed, written]
  })
