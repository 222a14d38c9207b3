import { block, entry } from '../../../ponder.schema.ts'
import * as Id from '../../../src/domain/Id.ts'
import type { Tables } from '../../support/tables.ts'
import { CHAIN, hashOf } from '../server/world.ts'

export const ALICE = `0x${'a1'.repeat(20)}` as const
export const BOB = `0x${'b0'.repeat(20)}` as const

/** An entry as a test names it: who picked which number. */
export interface Pick {
  readonly player?: `0x${string}`
  readonly number: number
}

export interface Mined {
  /** The branch of this block, and of the one below it when that is another one. */
  readonly branch?: string
  readonly onto?: string
  readonly picks?: readonly Pick[]
  readonly isSilent?: boolean
}

/** Blocks with entries, written and taken back as the indexer would: one transaction a block, one a revert. */
export const createFacts = (tables: Tables) => {
  let entryId = 0n
  const ring = () => tables.sql`select pg_notify(${`${tables.schema}_live_query`}, '["entry"]')`

  const blockRow = (number: number, branch: string, onto: string) => ({
    id: Id.block(CHAIN, number),
    chainId: CHAIN,
    number,
    hash: hashOf(number, branch),
    parentHash: hashOf(number - 1, onto),
    timestamp: 1_700_000_000 + number,
  })

  return {
    /** Block `number` with its entries, logs 0, 1, 2 … */
    mine: async (number: number, mined: Mined = {}) => {
      const { branch = 'a', onto = branch, picks = [], isSilent = false } = mined
      const rows = picks.map(({ player = ALICE, number: picked }, logIndex) => {
        entryId += 1n
        return {
          id: `${CHAIN}-${branch}-${entryId}`,
          chainId: CHAIN,
          blockNumber: number,
          logIndex,
          blockHash: hashOf(number, branch),
          transactionHash: hashOf(logIndex, `t${branch}${number}`),
          timestamp: 1_700_000_000 + number,
          poolId: 1n,
          roundId: 1n,
          entryId,
          player,
          payer: player,
          number: picked,
          amount: 1000n,
          feeAmount: 25n,
          paymentMethod: 'NATIVE' as const,
          paymentRef: hashOf(0, 'r'),
        }
      })
      await tables.transaction(async (insert) => {
        await insert(block, blockRow(number, branch, onto))
        if (rows.length > 0) await insert(entry, ...rows)
      })
      if (!isSilent) await ring()
    },
    /** Takes back everything above a block, which rings no bell. */
    revertTo: (number: number) =>
      tables.sql.begin(async (sql) => {
        await sql`delete from entry where block_number > ${number}`
        await sql`delete from block where number > ${number}`
      }),
    /** A final block needs no row when nothing happened in it. */
    forget: (number: number) => tables.sql`delete from block where number = ${number}`,
    finalize: (number: number) => tables.finalize(CHAIN, number),
    ring,
  }
}

export type Facts = ReturnType<typeof createFacts>

export interface FeedEvent {
  readonly id: string
  readonly number: number | null
  readonly tx: {
    readonly blockNumber: string
    readonly blockHash: string
    readonly logIndex: number
  }
}

export interface FeedMessage {
  readonly __typename: 'FeedAppend' | 'FeedUndo'
  readonly cursor: string
  readonly head: {
    readonly number: string
    readonly hash: string
    readonly finalizedNumber: string
    readonly cursor: string
  }
  readonly events?: readonly FeedEvent[]
  readonly toBlock?: string
  readonly removed?: readonly string[]
}

/** A feed with all that a test looks at; `args` go into the field's brackets. */
export const feedQuery = (args = '') => /* GraphQL */ `
  subscription ($after: Cursor, $where: ActivityFilter) {
    feed(after: $after, where: $where ${args}) {
      __typename
      ... on FeedAppend {
        cursor
        head { number hash finalizedNumber cursor }
        events { id number tx { blockNumber blockHash logIndex } }
      }
      ... on FeedUndo {
        cursor
        head { number hash finalizedNumber cursor }
        toBlock
        removed
      }
    }
  }
`

/** What a client has when it applies messages in order; it notices what no client may ever see. */
export const createFolder = () => {
  const events = new Map<string, FeedEvent>()
  let cursor: string | null = null
  let head: FeedMessage['head'] | null = null
  return {
    events,
    cursor: () => cursor,
    head: () => head,
    fold: (message: FeedMessage) => {
      if (message.__typename === 'FeedAppend')
        for (const event of message.events ?? []) {
          if (events.has(event.id)) throw new Error(`${event.id} was told twice`)
          events.set(event.id, event)
        }
      else
        for (const [id, event] of events)
          if (Number(event.tx.blockNumber) > Number(message.toBlock)) events.delete(id)
      cursor = message.cursor
      head = message.head
      return message
    },
  }
}
