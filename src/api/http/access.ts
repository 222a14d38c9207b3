import { createHash, timingSafeEqual } from 'node:crypto'
import type { CacheSize } from '../cache.ts'
import type { ApiKey } from '../db/apiKeys.ts'
import type { KeyRole } from '../db/names.ts'
import { networkOf } from './address.ts'
import { apiError } from './errors.ts'
import { createKeyCache } from './keyCache.ts'

export type Role = 'anonymous' | KeyRole

/** What may be asked for, in the units of cost.ts. */
export interface Budget {
  /** By one operation. */
  readonly cost: number
  readonly costPerMinute: number
}

/** Who asks. */
export interface Client {
  readonly role: Role
  /** Whose budget it is: a key's id, or a network. */
  readonly holder: string
  readonly budget: Budget
}

/** Whether SQL and exports are for this client. */
export const isAnalyst = ({ role }: Client): boolean => role === 'analyst' || role === 'operator'

export interface AccessOptions {
  /** The keys in force among these ids. */
  readonly listKeys: (ids: readonly string[]) => Promise<readonly ApiKey[]>
  readonly budgets: Readonly<Record<Role, Budget>>
  /** How long a key that was revoked may still be used. */
  readonly cacheMs?: number
}

/** Tells clients by their keys. */
export interface Access {
  /**
   * @param authorization what the client gave as `Authorization: Bearer …`; undefined when it gave nothing.
   * @throws GraphQLError UNAUTHENTICATED for anything but a key in force.
   */
  readonly identify: (authorization: unknown, address: string) => Promise<Client>
  /** Of the keys that are remembered. */
  readonly size: () => CacheSize
}

const KEY = /^Bearer +p402_(?<id>[0-9A-Za-z]{8})_(?<secret>[0-9A-Za-z]{43})$/i

const unauthenticated = () =>
  apiError('UNAUTHENTICATED', 'authorization: expected "Bearer", a space and a key in force', 401, {
    headers: { 'www-authenticate': 'Bearer' },
  })

/** What is never within a minute's budget is refused for good. */
const within = (cost: number, costPerMinute: number): Budget => ({
  cost: Math.min(cost, costPerMinute),
  costPerMinute,
})

export const createAccess = ({ listKeys, budgets, cacheMs = 10_000 }: AccessOptions): Access => {
  const { find, size } = createKeyCache({ list: listKeys, cacheMs })

  const identifyKey = async (authorization: unknown): Promise<Client> => {
    const given = typeof authorization === 'string' ? KEY.exec(authorization)?.groups : undefined
    if (given?.id === undefined || given.secret === undefined) throw unauthenticated()
    const hash = createHash('sha256').update(given.secret).digest()
    const key = await find(given.id)
    if (key === undefined || key.hash.length !== hash.length || !timingSafeEqual(key.hash, hash))
      throw unauthenticated()
    const { cost, costPerMinute } = budgets[key.role]
    const budget = within(cost, key.costPerMinute ?? costPerMinute)
    return { role: key.role, holder: key.id, budget }
  }

  return {
    size,
    identify: async (authorization, address) => {
      if (authorization !== undefined) return identifyKey(authorization)
      const { cost, costPerMinute } = budgets.anonymous
      const budget = within(cost, costPerMinute)
      return { role: 'anonymous', holder: networkOf(address), budget }
    },
  }
}
