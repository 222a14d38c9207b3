import type { Random } from '../../../stack/players/random.ts'
import type { World } from '../../support/world.ts'
import type { RpcProxy } from '../proxy/rpc.ts'
import type { TcpProxy } from '../proxy/tcp.ts'

/** What accidents happen to, and through. */
export interface Scene {
  readonly world: World
  readonly random: Random
  /** Before the node, for the indexer, the auditor and the API. */
  readonly rpc: RpcProxy
  /** Before the database: for the indexer and the auditor, and for the API. */
  readonly databases: readonly TcpProxy[]
}

/** Something that goes wrong for a while. */
export interface Accident {
  readonly name: string
  /** Makes it happen. Resolves with what ends it. */
  readonly begin: (scene: Scene) => Promise<() => Promise<void>>
}
