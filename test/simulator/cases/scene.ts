import { zeroAddress } from 'viem'
import type { Ground } from '../ground.ts'
import { type History, isNamed, type Log, type LogOf, type Seen } from '../history.ts'
import type { Case } from './names.ts'

/** A block that was just mined, and the chain up to it. */
export interface Scene {
  readonly block: Seen
  readonly previous: Seen | undefined
  readonly history: History
  readonly ground: Ground
}

/** The cases that a block plays, by what the chain tells of it. */
export type Detector = (scene: Scene) => Iterable<Case>

/** The block's logs with that name. */
export const inBlock = <Name extends Log['eventName']>({ block }: Scene, ...names: Name[]) =>
  block.logs.filter(isNamed(...names))

/** Something that belongs to a round. */
interface OfRound {
  readonly args: { readonly poolId: bigint; readonly roundId: bigint }
}

export const roundKey = ({ args: { poolId, roundId } }: OfRound) => `${poolId}/${roundId}`

const isSameRound = ({ args: one }: OfRound, { args: other }: OfRound) =>
  one.roundId === other.roundId && one.poolId === other.poolId

/** The logs with that name, of the same round. */
export const sameRound = <Name extends RoundEvent>(
  { history }: Scene,
  round: OfRound,
  ...names: Name[]
) => history.logs(...names).filter((log) => isSameRound(log, round))
export type RoundEvent = {
  [Name in Log['eventName']]: LogOf<Name> extends OfRound ? Name : never
}[Log['eventName']]

/** How a pool was created. */
export const poolOf = ({ history }: Scene, poolId: bigint) => {
  const created = history.logs('PoolCreated').find(({ args }) => args.poolId === poolId)
  if (created === undefined) throw new Error(`no pool ${poolId}`)
  return created.args
}

export const isNative = (scene: Scene, poolId: bigint) =>
  poolOf(scene, poolId).token === zeroAddress

/** Days, and weeks from Monday on, since 1970. */
export const dayOf = (timestamp: number) => Math.floor(timestamp / 86_400)
export const weekOf = (timestamp: number) => Math.floor((dayOf(timestamp) + 3) / 7)
