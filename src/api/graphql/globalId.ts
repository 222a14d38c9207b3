import { UserInputError } from './errors.ts'

const DIGITS = '\\d{1,78}'
const PARTS = {
  Pool: new RegExp(`^${DIGITS}-${DIGITS}$`),
  Round: new RegExp(`^${DIGITS}-${DIGITS}-${DIGITS}$`),
  Entry: new RegExp(`^${DIGITS}-${DIGITS}$`),
  Payout: new RegExp(`^${DIGITS}-${DIGITS}-${DIGITS}$`),
  X402Payment: new RegExp(`^${DIGITS}-0x[0-9a-f]{40}-0x[0-9a-f]{40}-0x[0-9a-f]{64}$`),
  Player: new RegExp(`^${DIGITS}-0x[0-9a-f]{40}$`),
  IntegrityIssue: /^\d{1,10}-[0-9A-Za-z_-]{1,240}$/,
  Activity: /^\d{1,10}-\d{1,15}-\d{1,9}$/,
} as const

/** Types that `node` can return. */
export type NodeType = keyof typeof PARTS

const isNodeType = (type: string): type is NodeType => Object.hasOwn(PARTS, type)

/** Chain ids stand first and fit into the column's 31 bits. */
const isChainId = (id: string) => Number.parseInt(id, 10) < 2 ** 31

/** The global id of a row: its type and its primary key. Users must treat it as opaque. */
export const encodeGlobalId = (type: NodeType, id: string): string => `${type}:${id}`

/** @throws UserInputError when it was not made by `encodeGlobalId`. */
export const decodeGlobalId = (
  globalId: string,
): { readonly type: NodeType; readonly id: string } => {
  const [type = '', id = '', ...rest] = globalId.split(':')
  if (rest.length === 0 && isNodeType(type) && PARTS[type].test(id) && isChainId(id))
    return { type, id }
  throw new UserInputError('id: expected an id that this API gave')
}
