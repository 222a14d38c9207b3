import { ConfigError } from './errors.ts'

/** One Pay402Win contract on one chain, and what belongs to it. Addresses in lower case. */
export interface Deployment {
  readonly chainId: number
  /** Name of the chain, used in logs and in Ponder's configuration. */
  readonly name: string
  readonly address: `0x${string}`
  /** The block that created the contract. */
  readonly startBlock: number
  /** The VRF coordinator that the contract asks. */
  readonly coordinator: `0x${string}`
  /** The contract's VRF subscription; without it every fulfilment of the coordinator is read. */
  readonly subscriptionId?: bigint
  /** ERC-20 tokens of its pools, whose transfers and authorisations are read. */
  readonly tokens: readonly `0x${string}`[]
  readonly nativeSymbol: string
  readonly nativeName: string
  /** Block explorer; a transaction is `<explorerUrl>/tx/<hash>`. */
  readonly explorerUrl?: string
}

const ADDRESS = /^0x[0-9a-fA-F]{40}$/
const NAME = /^[a-zA-Z][a-zA-Z0-9_-]{0,39}$/

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parse = (value: unknown, at: string, mistakes: string[]): Deployment | undefined => {
  if (!isRecord(value)) {
    mistakes.push(`${at} should be an object`)
    return undefined
  }
  const before = mistakes.length
  const expect = (field: string, isRight: boolean, expected: string) => {
    if (!isRight) mistakes.push(`${at}.${field} should be ${expected}`)
  }
  const isAddress = (input: unknown) => typeof input === 'string' && ADDRESS.test(input)
  const isText = (input: unknown) => typeof input === 'string' && input !== ''
  const isCount = (input: unknown) => Number.isSafeInteger(input) && Number(input) >= 0
  const optional = (input: unknown, is: (input: unknown) => boolean) =>
    input === undefined || is(input)

  expect('chainId', isCount(value.chainId) && value.chainId !== 0, 'a positive whole number')
  expect(
    'name',
    typeof value.name === 'string' && NAME.test(value.name),
    'a short name such as "base"',
  )
  expect('address', isAddress(value.address), '20 bytes of 0x hex')
  expect(
    'startBlock',
    isCount(value.startBlock),
    'the number of the block that created the contract',
  )
  expect('coordinator', isAddress(value.coordinator), '20 bytes of 0x hex')
  expect(
    'subscriptionId',
    optional(value.subscriptionId, (id) => typeof id === 'string' && /^\d{1,78}$/.test(id)),
    'a decimal number in quotes, or absent',
  )
  expect(
    'tokens',
    Array.isArray(value.tokens) && value.tokens.every(isAddress),
    'a list of addresses (empty when every pool takes the native coin)',
  )
  expect('nativeSymbol', optional(value.nativeSymbol, isText), 'text such as "ETH", or absent')
  expect('nativeName', optional(value.nativeName, isText), 'text such as "Ether", or absent')
  expect(
    'explorerUrl',
    optional(value.explorerUrl, (url) => typeof url === 'string' && /^https?:\/\/\S+$/.test(url)),
    'an http(s) address, or absent',
  )
  if (mistakes.length > before) return undefined

  const lower = (input: unknown) => String(input).toLowerCase() as `0x${string}`
  return {
    chainId: Number(value.chainId),
    name: String(value.name),
    address: lower(value.address),
    startBlock: Number(value.startBlock),
    coordinator: lower(value.coordinator),
    tokens: (value.tokens as unknown[]).map(lower),
    nativeSymbol: String(value.nativeSymbol ?? 'ETH'),
    nativeName: String(value.nativeName ?? 'Ether'),
    ...(value.subscriptionId === undefined
      ? {}
      : { subscriptionId: BigInt(String(value.subscriptionId)) }),
    ...(value.explorerUrl === undefined
      ? {}
      : { explorerUrl: String(value.explorerUrl).replace(/\/+$/, '') }),
  }
}

/**
 * Reads the variable DEPLOYMENTS, a JSON array. The first deployment's chain is the default one.
 *
 * @throws ConfigError that names every mistake with what was expected.
 */
export const parseDeployments = (text: string | undefined): readonly Deployment[] => {
  if (text === undefined || text.trim() === '')
    throw new ConfigError([
      'DEPLOYMENTS should be a JSON array of {chainId, name, address, startBlock, coordinator, tokens}',
    ])
  let input: unknown
  try {
    input = JSON.parse(text)
  } catch (error) {
    throw new ConfigError([`DEPLOYMENTS should be JSON: ${String(error)}`])
  }
  if (!Array.isArray(input) || input.length === 0)
    throw new ConfigError(['DEPLOYMENTS should be a JSON array with at least one deployment'])

  const mistakes: string[] = []
  const deployments = input.flatMap(
    (value, position) => parse(value, `DEPLOYMENTS[${position}]`, mistakes) ?? [],
  )
  for (const key of ['chainId', 'name'] as const)
    if (new Set(deployments.map((deployment) => deployment[key])).size < deployments.length)
      mistakes.push(`DEPLOYMENTS should name each ${key} once: one contract a chain`)
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return deployments
}
