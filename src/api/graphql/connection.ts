import type { ObjectRef } from '@pothos/core'
import type { GraphQLResolveInfo } from 'graphql'
import type { Key } from '../db/keys.ts'
import { type List, MAX_PAGE, type PageArgs } from '../db/list.ts'
import { countRows, listPages, type Page } from '../db/page.ts'
import type { Reader } from '../db/reader.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { asUserError } from './errors.ts'
import { createLoader } from './loader.ts'
import { ofPage } from './price.ts'
import { columnsOfPage, type Reads } from './reads.ts'

type Types = typeof builder.$inferSchemaTypes

interface Connection<Row> extends Page<Row> {
  readonly totalCount: () => Promise<number>
}

export const PageInfo = builder.objectRef<Page<unknown>>('PageInfo').implement({
  fields: (t) => ({
    hasNextPage: t.boolean({ resolve: (page) => page.hasNextPage }),
    hasPreviousPage: t.boolean({ resolve: (page) => page.hasPreviousPage }),
    startCursor: t.field({
      type: 'Cursor',
      nullable: true,
      resolve: (page) => page.edges[0]?.cursor() ?? null,
    }),
    endCursor: t.field({
      type: 'Cursor',
      nullable: true,
      resolve: (page) => page.edges.at(-1)?.cursor() ?? null,
    }),
  }),
})

/** Arguments of every list. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ description: `At most ${MAX_PAGE}; 25 when neither first nor last is given.` }),
  after: t.field({ type: 'Cursor' }),
  last: t.int({ description: `At most ${MAX_PAGE}.` }),
  before: t.field({ type: 'Cursor' }),
}))

/** The types `<name>Connection` and `<name>Edge`. */
export const createConnection = <Row extends object>(name: string, node: ObjectRef<Types, Row>) => {
  const anyNode: ObjectRef<Types, object> = node
  const edge = builder.objectRef<Page<object>['edges'][number]>(`${name}Edge`).implement({
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        extensions: { complexity: 2 },
        resolve: (edge) => edge.cursor(),
      }),
      node: t.field({ type: anyNode, resolve: (edge) => edge.node }),
    }),
  })
  return builder.objectRef<Connection<Row>>(`${name}Connection`).implement({
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        extensions: ofPage,
        resolve: (page): Page<object>['edges'] => page.edges,
      }),
      pageInfo: t.field({ type: PageInfo, resolve: (page) => page }),
      totalCount: t.int({
        description:
          'All rows that the filter leaves, whatever the page. Counted only when asked for.',
        resolve: (page) => page.totalCount(),
      }),
    }),
  })
}

interface Request {
  readonly parent: Key
  readonly args: PageArgs
  /** Equal when the arguments are. */
  readonly argsName: string
}

const requestOf = (parent: Key, args: PageArgs): Request => ({
  parent,
  args,
  argsName: JSON.stringify(args, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
})
const requestName = ({ parent, argsName }: Request) => `${parent.join()} ${argsName}`

/** Requests of one level that differ only in their parent are one statement. */
const batched =
  <Row, Value>(
    read: (
      db: Reader,
      list: List<Row>,
      parents: Key[],
      args: PageArgs,
    ) => Promise<readonly Value[]>,
    list: List<Row>,
  ) =>
  async (db: Reader, requests: readonly Request[]): Promise<readonly Value[]> => {
    const found = new Map<Request, Value>()
    const groups = Map.groupBy(requests, ({ argsName }) => argsName)
    await Promise.all(
      [...groups.values()].map(async (group) => {
        const args = group[0]?.args ?? {}
        const values = await read(
          db,
          list,
          group.map(({ parent }) => parent),
          args,
        )
        group.forEach((request, at) => {
          const value = values[at]
          if (value !== undefined) found.set(request, value)
        })
      }),
    )
    return requests.map((request) => {
      const value = found.get(request)
      if (value === undefined) throw new Error(`No page of ${list.name} was read`)
      return value
    })
  }

/** The chain of all rows, when there is but one. */
const onlyChainOf = ({ options: { deployments } }: Context): number | undefined => {
  const [first] = deployments
  return deployments.every(({ chainId }) => chainId === first?.chainId) ? first?.chainId : undefined
}

/**
 * Reads pages of a list below any number of parents. `seen` gets whole rows, so that nobody reads them again in this
 * operation. With `info`, rows have what is asked of them, and maybe no more.
 */
export const createPages = <Row>(
  list: List<Row>,
  seen: (context: Context, row: Row) => void = () => undefined,
  reads: Reads<Row> = {},
) => {
  const pages = createLoader<Request, Page<Row>>(batched(listPages, list), requestName)
  const counts = createLoader<Request, number>(batched(countRows, list), requestName)
  return async (
    context: Context,
    { where, orderBy, ...page }: PageArgs,
    parent: Key = [],
    info?: GraphQLResolveInfo,
  ): Promise<Connection<Row>> => {
    const onlyChain = onlyChainOf(context)
    const args = { where: where ?? null, orderBy: orderBy ?? null, onlyChain }
    const columns = info && columnsOfPage(info, reads)
    const found = await pages(context)
      .load(requestOf(parent, { ...page, ...args, columns }))
      .catch(asUserError)
    if (columns === undefined) for (const { node } of found.edges) seen(context, node)
    return { ...found, totalCount: () => counts(context).load(requestOf(parent, args)) }
  }
}
