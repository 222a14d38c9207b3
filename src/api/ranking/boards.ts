import type { Standing } from '../../domain/Leaderboard.ts'
import { type CacheSize, createCache } from '../cache.ts'
import type { Database } from '../db/database.ts'
import type { Head } from '../db/head.ts'
import type { Reader } from '../db/reader.ts'
import { openSnapshot, type Snapshot } from '../db/snapshot.ts'
import {
  findBlockUpTo,
  listKnownBlocks,
  listMovedPlayers,
  listStandings,
  type Scope,
} from '../db/standing.ts'
import { createPace, type Pace } from '../pace.ts'
import {
  type Board,
  createBoard,
  type List,
  type ListKey,
  moveBoard,
  moveList,
  sortBoard,
} from './board.ts'

/** A board, and one of its lists, at the block of a snapshot. */
export interface Ranking {
  readonly board: Board
  readonly list: List
}

/**
 * The leaderboards of a replica. The first question about a scope reads its standings from the database; after that each
 * block costs only the players who moved. Nothing here is told by anybody: a board is brought to the block of a snapshot by
 * reading that snapshot, so it agrees with everything else the snapshot says, and another replica has the same.
 */
export interface Boards {
  /** Reads and sorts what is missing, in snapshots of its own. Call it before the operation's snapshot is opened. */
  readonly prepare: (scope: Scope, key: ListKey) => Promise<void>
  /** The list at the snapshot's head. Null when it is too large to be read now, and is being prepared. */
  readonly at: (scope: Scope, key: ListKey, snapshot: Snapshot) => Promise<Ranking | null>
  readonly size: () => CacheSize
}

/** A board at one block. */
interface Version {
  readonly number: number
  readonly hash: string
  readonly board: Board
  readonly lists: Map<string, List>
  /** The version it was made from, until that is forgotten, and who may have moved since. */
  parent: Version | null
  readonly moved: readonly string[]
}

interface State {
  readonly scope: Scope
  /** By block hash. */
  readonly versions: Map<string, Version>
  readonly advancing: Map<string, Promise<Version | null>>
  readonly sorting: Map<string, Promise<unknown>>
  loading: Promise<void> | null
}

/** Measured: a standing in a board, a row in a list, and a player who moved, in the nodes of a version that are its own. */
const STANDING_BYTES = 600
const ROW_BYTES = 128
const MOVE_BYTES = 2048
const VERSION_BYTES = 1024

/** The part of the memory that boards may take; their lists get the rest. */
const BOARDS_SHARE = 0.6

/** More than two finality depths of any chain: a restarted indexer climbs through blocks that are known already. */
const MAX_VERSIONS = 256
/** Players read by one statement. */
const PAGE = 5_000
/** A board of fewer players is read at once. */
const SMALL = 20_000
const MAX_LOADS = 5
/** Before the first block there is nothing, on any chain. */
const NOTHING = { number: -1, hash: 'nothing' }

const scopeName = ({ chainId, token, poolId, window }: Scope) =>
  [chainId, token, poolId ?? 'all', window?.from ?? 'ever', window?.to ?? ''].join(' ')
const listName = ({ metric, minEntries }: ListKey) => `${metric} ${minEntries}`

const namesOf = ({ versions }: State): ReadonlySet<string> =>
  new Set([...versions.values()].flatMap(({ lists }) => [...lists.keys()]))

const isEmpty = ([, { versions }]: readonly [string, State]) =>
  versions.size > 0 && [...versions.values()].every(({ board }) => board.size === 0)

const forgetList = ({ versions }: State, name: string) => {
  for (const { lists } of versions.values()) lists.delete(name)
}

/** Of a scope's board, in all its versions. */
const bytesOf = ({ versions }: State): number => {
  let [largest, moved] = [0, 0]
  for (const { board, moved: movers } of versions.values()) {
    largest = Math.max(largest, board.size)
    moved += movers.length
  }
  return largest * STANDING_BYTES + moved * MOVE_BYTES + versions.size * VERSION_BYTES
}

const withSnapshot = async <Value>(
  database: Database,
  read: (snapshot: Snapshot) => Promise<Value>,
): Promise<Value> => {
  const { snapshot, close } = await openSnapshot(database)
  try {
    return await read(snapshot)
  } finally {
    await close()
  }
}

const readMoves = async (db: Reader, scope: Scope, addresses: readonly string[]) => {
  const standings: Standing[] = []
  for (let start = 0; start < addresses.length; start += PAGE) {
    const some = addresses.slice(start, start + PAGE)
    standings.push(...(await listStandings(db, scope, { addresses: some })))
  }
  const byAddress = new Map(standings.map((standing) => [standing.address as string, standing]))
  return addresses.map((address) => ({ address, standing: byAddress.get(address) ?? null }))
}

export interface BoardsOptions {
  readonly database: Database
  /** Shared by all long works of the process. */
  readonly pace?: Pace
  /** Scopes kept in memory; the one that was asked for longest ago goes first. */
  readonly maxScopes?: number
  /** What boards and lists may take together. One board is kept, however large. */
  readonly mostBytes?: number
  /** What went wrong while nobody waited for it. */
  readonly onError?: (error: unknown) => void
}

export const createBoards = ({
  database,
  pace = createPace(),
  maxScopes = 64,
  mostBytes = 2 ** 31,
  onError = () => undefined,
}: BoardsOptions): Boards => {
  /** In the order in which they were asked for. */
  const states = new Map<string, State>()

  /** Lists by scope and name, in all versions at once. Clients decide how many there are. */
  const lists = createCache<{
    readonly state: State
    readonly name: string
    readonly rows: number
  }>({
    mostBytes: mostBytes * (1 - BOARDS_SHARE),
    sizeOf: ({ rows }) => rows * ROW_BYTES,
    onGone: ({ state, name }) => forgetList(state, name),
  })
  const mostOfBoards = mostBytes * BOARDS_SHARE

  const forget = () => {
    const others = [...states].slice(0, -1)
    const [empty, full] = [others.filter(isEmpty), others.filter((each) => !isEmpty(each))]
    let bytes = [...states.values()].reduce((sum, state) => sum + bytesOf(state), 0)
    // A board of nobody costs one statement to read again.
    for (const [name, state] of [...empty, ...full]) {
      if (states.size <= maxScopes && bytes <= mostOfBoards) return
      states.delete(name)
      for (const list of namesOf(state)) lists.delete(`${name} ${list}`)
      bytes -= bytesOf(state)
    }
  }

  const stateOf = (scope: Scope): State => {
    const name = scopeName(scope)
    const known = states.get(name)
    const state = known ?? {
      scope,
      versions: new Map(),
      advancing: new Map(),
      sorting: new Map(),
      loading: null,
    }
    states.delete(name)
    states.set(name, state)
    if (known === undefined) forget()
    return state
  }

  const remember = (state: State, version: Version) => {
    state.versions.set(version.hash, version)
    forget()
    if (state.versions.size <= MAX_VERSIONS) return
    const lowest = [...state.versions.values()].reduce((a, b) => (a.number <= b.number ? a : b))
    state.versions.delete(lowest.hash)
    for (const other of state.versions.values()) if (other.parent === lowest) other.parent = null
  }

  const add = (
    state: State,
    { number, hash }: Head,
    board: Board,
    parent: Version | null,
    moved: readonly string[],
  ): Version => {
    const version = { number, hash, board, lists: new Map(), parent, moved }
    remember(state, version)
    return version
  }

  const attempt = async (state: State): Promise<boolean> => {
    const { scope } = state
    const { chainId } = scope
    const seen = new Map<string, Head>()
    const base = await withSnapshot(database, async ({ db, heads }) => {
      const head = heads.get(chainId)
      return head && ((await findBlockUpTo(db, chainId, head.finalizedNumber)) ?? NOTHING)
    })
    if (base === undefined) return true
    const standings: Standing[] = []
    for (let after = ''; ; ) {
      const found = await withSnapshot(database, ({ db, heads }) => {
        const head = heads.get(chainId)
        if (head !== undefined) seen.set(head.hash, head)
        return listStandings(db, scope, { after, limit: PAGE })
      })
      standings.push(...found)
      const last = found.at(-1)
      if (last === undefined || found.length < PAGE || scope.window !== null) break
      after = last.address
    }
    return withSnapshot(database, async ({ db, heads }) => {
      const head = heads.get(chainId)
      const blocks = [...seen.values(), ...(base === NOTHING ? [] : [base])]
      const known = await listKnownBlocks(db, chainId, blocks)
      if (head === undefined || blocks.some(({ hash }) => !known.has(hash))) return false
      const moves = await readMoves(db, scope, await listMovedPlayers(db, scope, base.number))
      add(state, head, moveBoard(createBoard(standings), moves), null, [])
      return true
    })
  }

  /**
   * Reads a board page by page, each page in a short snapshot of its own, so that the indexer never waits. Pages may belong to
   * different blocks: at the end whoever moved above the block that was final at the start is read again, in one snapshot. A
   * reorganisation meanwhile could leave what it took back, so then all begins again.
   */
  const load = async (state: State): Promise<void> => {
    for (let count = 1; !(await attempt(state)); count++)
      if (count >= MAX_LOADS) throw new Error('The chain was reorganised again and again')
    forget()
  }

  const loaded = (state: State): Promise<void> => {
    if (state.versions.size > 0) return Promise.resolve()
    state.loading ??= load(state).finally(() => {
      state.loading = null
    })
    return state.loading
  }

  /** A board that is small enough is read in the operation's own snapshot. A larger one is read meanwhile. */
  const loadHere = async (state: State, db: Reader, head: Head): Promise<Version | null> => {
    const standings = await listStandings(db, state.scope, { after: '', limit: SMALL })
    if (standings.length < SMALL || state.scope.window !== null)
      return add(state, head, createBoard(standings), null, [])
    loaded(state).catch(onError)
    return null
  }

  /** The newest version that lies below the head and on its chain. */
  const baseOf = async ({ scope, versions }: State, db: Reader, head: Head) => {
    const below = [...versions.values()]
      .filter(({ number }) => number <= head.number)
      .sort((a, b) => b.number - a.number)
    if (below.length === 0) return undefined
    const known = await listKnownBlocks(db, scope.chainId, below)
    return below.find(({ hash }) => known.has(hash))
  }

  const advance = async (state: State, db: Reader, head: Head): Promise<Version | null> => {
    const base = await baseOf(state, db, head)
    if (base === undefined) return loadHere(state, db, head)
    const moved = await listMovedPlayers(db, state.scope, base.number)
    const board = moveBoard(base.board, await readMoves(db, state.scope, moved))
    return add(state, head, board, base, moved)
  }

  const versionAt = async (state: State, { db, heads }: Snapshot): Promise<Version | null> => {
    const head = heads.get(state.scope.chainId)
    if (head === undefined) return null
    const known = state.versions.get(head.hash)
    if (known !== undefined) return known
    // Several operations of one block share the work; it fails with the snapshot of the one that does it.
    const shared = await state.advancing.get(head.hash)?.catch(() => null)
    if (shared) return shared
    const advancing = advance(state, db, head).finally(() => state.advancing.delete(head.hash))
    state.advancing.set(head.hash, advancing)
    return advancing
  }

  /** The version's list, from the nearest version before it that has one. */
  const carry = (version: Version, name: string): List | undefined => {
    const moved = new Set<string>()
    for (let from: Version | null = version; from !== null; from = from.parent) {
      const list = from.lists.get(name)
      if (list === undefined) {
        for (const address of from.moved) moved.add(address)
        continue
      }
      const carried = from === version ? list : moveList(list, from.board, version.board, moved)
      version.lists.set(name, carried)
      return carried
    }
    return undefined
  }

  const listed = async (state: State, version: Version, key: ListKey): Promise<List> => {
    const list = await made(state, version, key)
    const name = listName(key)
    const whole = `${scopeName(state.scope)} ${name}`
    if (lists.get(whole) !== undefined) return list
    // A scope may have made room meanwhile, and a list may be too large to be kept.
    if (states.get(scopeName(state.scope)) === state)
      lists.set(whole, { state, name, rows: list.rows.size })
    if (lists.get(whole) === undefined) forgetList(state, name)
    return list
  }

  const made = async (state: State, version: Version, key: ListKey): Promise<List> => {
    const name = listName(key)
    for (;;) {
      const known = carry(version, name)
      if (known !== undefined) return known
      const sorting = state.sorting.get(name)
      if (sorting === undefined) break
      await sorting
    }
    const sorting = sortBoard(version.board, key, pace)
    state.sorting.set(name, sorting)
    try {
      const list = await sorting
      version.lists.set(name, list)
      return list
    } finally {
      state.sorting.delete(name)
    }
  }

  return {
    size: () => {
      const kept = lists.size()
      const bytes = [...states.values()].reduce((sum, state) => sum + bytesOf(state), 0)
      return { entries: states.size + kept.entries, bytes: kept.bytes + bytes, mostBytes }
    },
    prepare: async (scope, key) => {
      const state = stateOf(scope)
      await loaded(state)
      const newest = [...state.versions.values()].reduce<Version | null>(
        (a, b) => (a === null || b.number > a.number ? b : a),
        null,
      )
      if (newest !== null) await listed(state, newest, key)
    },
    at: async (scope, key, snapshot) => {
      const state = stateOf(scope)
      const version = await versionAt(state, snapshot)
      return version && { board: version.board, list: await listed(state, version, key) }
    },
  }
}
