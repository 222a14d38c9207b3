import { readFile } from 'node:fs/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAnalyst } from '../../../stack/analyst.ts'
import { createOperations, DEPLOYMENTS, type Operations } from '../../support/operation.ts'
import { writeSeason } from '../../support/season.ts'
import { createTables, type Tables } from '../../support/tables.ts'
import * as draws from './answers/draws.ts'
import * as entries from './answers/entries.ts'
import { canonical, type Facts, factsOf } from './answers/facts.ts'
import * as money from './answers/money.ts'
import * as players from './answers/players.ts'

/** The questions of docs/analysts.md, by their titles, and who works out what is to be answered. */
const ANSWERS: Readonly<Record<string, (facts: Facts) => unknown>> = {
  'Entries and stakes by day and token': entries.byDayAndToken,
  'Income from fees by week and pool': money.fees,
  'The best results of this week': players.bestOfTheWeek,
  'Credits that nobody fetched, by age': money.credits,
  'Hot and cold numbers': draws.hotAndCold,
  'The most crowded numbers': entries.crowdedNumbers,
  'Do players like birthdays?': entries.birthdays,
  'The busiest hours of the day': entries.busiestHours,
  'Cancelled rounds and their refunds, by reason': money.cancelledRounds,
  'The share of x402, by week and token': entries.shareOfX402,
  'New and returning players by day': players.newAndReturning,
  'How large prizes are': money.prizes,
  'How long draws take': draws.latency,
  'What players get back, and what the house keeps': money.returnToPlayers,
  'Players whom pools have in common': players.sharedPlayers,
  Whales: money.whales,
  'Rounds that pay out, beside what was to be expected': draws.wonRounds,
  'Rollover streaks': draws.streaks,
  'Retention of weekly cohorts': players.retention,
  'Are the winning numbers fair?': draws.fairness,
}

const text = await readFile(new URL('../../../docs/analysts.md', import.meta.url), 'utf8')
const section = /^## Twenty questions\n(.*?)^## /ms.exec(text)?.[1] ?? ''
const questions = [
  ...section.matchAll(/^### (\d+)\. ([^\n]+)\n\n```(graphql|sql)\n(.*?)```\n/gms),
].map(([, number = '', title = '', language = '', question = '']) => ({
  ...{ number: Number(number), title, language, question },
}))

let tables: Tables
let operations: Operations
let analyst: postgres.Sql
let facts: Facts

/** integers, numerics, dates */
const TYPES = [20, 21, 23, 1700, 1082]

beforeAll(async () => {
  tables = await createTables()
  const season = await writeSeason(tables)
  for (const { game } of season) expect(game.issues()).toEqual([])
  facts = factsOf(season)
  await tables.sql.unsafe("update token set symbol = '', name = '' where is_native")
  operations = createOperations(tables)
  const admin = postgres(tables.url, { max: 1, onnotice: () => undefined })
  await createAnalyst(admin, {
    ...{ schema: tables.schema, analyticsSchema: 'analytics', role: 'analyst' },
    deployments: DEPLOYMENTS,
  })
  await admin.end({ timeout: 5 })
  analyst = postgres(tables.server.url('pay402win', 'analyst'), {
    max: 1,
    // Far from UTC, where no answer may depend on it.
    connection: { TimeZone: 'Pacific/Auckland' },
    types: { text: { to: 25, from: TYPES, serialize: String, parse: canonical } },
  })
})
afterAll(async () => {
  await analyst?.end({ timeout: 5 })
  await operations?.stop()
  await tables?.stop()
})

it('are twenty, in both languages, and all there is in their section', () => {
  expect(questions.map(({ number }) => number)).toEqual(
    Array.from({ length: 20 }, (_, at) => at + 1),
  )
  expect(questions.map(({ title }) => title)).toEqual(Object.keys(ANSWERS))
  expect(section.match(/^```\w+/gm)?.length).toBe(20)
  expect(questions.filter(({ language }) => language === 'graphql').length).toBeGreaterThanOrEqual(
    6,
  )
})

it.each(questions)('$number: $title', async ({ title, language, question }) => {
  const found =
    language === 'sql'
      ? (await analyst.unsafe(question)).map((row) => ({ ...row }))
      : await operations.ask(question)
  expect(JSON.stringify(found)).not.toMatch(/^\[\]$|:\[\]/)
  expect(found).toEqual(ANSWERS[title]?.(facts))
})
