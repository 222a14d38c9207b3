/** What the API and the commands beside it have to agree on. It imports nothing, so that either may import it. */

/** What a key can be given; without a key a client is anonymous. */
export const KEY_ROLES = ['player', 'analyst', 'operator'] as const

export type KeyRole = (typeof KEY_ROLES)[number]

/** Where keys are kept unless ACCESS_SCHEMA says otherwise. */
export const ACCESS_SCHEMA = 'pay402win_access'

/** Whether a name can be a schema's here: Ponder appends to it, and an unquoted search_path folds upper case. */
export const isSchemaName = (name: string): boolean => /^[a-z][a-z0-9_]{0,44}$/.test(name)
