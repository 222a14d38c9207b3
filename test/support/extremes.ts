import {
  type Abi,
  type AbiEvent,
  type AbiParameter,
  concat,
  encodeAbiParameters,
  encodeEventTopics,
  type Hex,
  numberToHex,
} from 'viem'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { paymentTokenAbi } from '../../abis/PaymentToken.ts'
import { vrfCoordinatorAbi } from '../../abis/VrfCoordinator.ts'

/** A log as a contract emits it. */
export interface RawLog {
  readonly event: string
  readonly topics: readonly Hex[]
  readonly data: Hex
}

/** How each argument of an event is chosen, unless the story needs it to be something else. */
export interface Choice {
  readonly name: string
  readonly whole: (bits: number) => bigint
  readonly text: string
}

/** Text that some part of the way to a reader could stumble over. */
const HOSTILE = `\0\u202e\uFFFE\u2028'"\\$1 %s {{x}} =1+1 ${'😀é'.repeat(8_000)}`

export const CHOICES: readonly Choice[] = [
  { name: 'zero', whole: () => 0n, text: '' },
  { name: 'one', whole: () => 1n, text: 'x' },
  { name: 'typical', whole: (bits) => (bits > 16 ? 1_000_000n : 7n), text: 'Typical' },
  { name: 'most', whole: (bits) => 2n ** BigInt(bits) - 1n, text: HOSTILE },
]

/** Events of everything that is indexed. */
const EVENTS = new Map(
  ([...pay402WinAbi, ...paymentTokenAbi, ...vrfCoordinatorAbi] as Abi)
    .filter((item): item is AbiEvent => item.type === 'event')
    .map((event) => [event.name, event]),
)

/** What the contract's enums allow is less than their type does. */
const LAST: Readonly<Record<string, bigint>> = {
  'EntryPlaced.paymentMethod': 3n,
  'RoundCancelled.reason': 2n,
  'PrizeCarried.reason': 2n,
}

const choose = (event: string, { name = '', type }: AbiParameter, choice: Choice): unknown => {
  const last = LAST[`${event}.${name}`]
  const bits = Number(/^uint(\d+)$/.exec(type)?.[1] ?? Number.NaN)
  if (bits > 0) {
    const value = choice.whole(bits)
    const fitting = last !== undefined && value > last ? last : value
    return bits > 48 ? fitting : Number(fitting)
  }
  if (type === 'address') return numberToHex(choice.whole(160), { size: 20 })
  if (type === 'bytes32') return numberToHex(choice.whole(256), { size: 32 })
  if (type === 'bytes') return '0x'
  if (type === 'bool') return choice.whole(1) === 1n
  if (type === 'string') return choice.text
  throw new Error(`no value for ${type}`)
}

/** An event with every argument as chosen, but for those that are given. */
const emit = (choice: Choice, name: string, given: Readonly<Record<string, unknown>>): RawLog => {
  const event = EVENTS.get(name)
  if (event === undefined) throw new Error(`no event ${name}`)
  const args = Object.fromEntries(
    event.inputs.map((input) => [
      input.name,
      given[input.name ?? ''] ?? choose(name, input, choice),
    ]),
  )
  const plain = event.inputs.filter(({ indexed }) => indexed !== true)
  return {
    event: name,
    topics: encodeEventTopics({ abi: [event], eventName: name, args }) as Hex[],
    data: encodeAbiParameters(
      plain,
      plain.map(({ name: argument }) => args[argument ?? '']),
    ),
  }
}

/** So many amounts of 2^256 − 1 are more than 78 digits. */
export const ENTRIES = 10

/**
 * Every event in an order in which a contract could emit it: a pool whose first round is drawn and paid, whose second is cancelled and
 * refunded, and whose third is open. Ids are chosen too, so far as one row needs another.
 *
 * @param game address to and from which tokens are sent
 */
export const story = (choice: Choice, game: Hex): readonly RawLog[] => {
  const id = choice.whole(256)
  const isHigh = id > 2n ** 255n
  const next = (from: bigint, by: number) => (isHigh ? from - BigInt(by) : from + BigInt(by))
  /** Ids of entries count over all pools. */
  const entryIds = (round: number) =>
    Array.from({ length: ENTRIES }, (_, at) =>
      next(id * 1_000_000n ** (isHigh ? 0n : 1n), at + round * ENTRIES + (id === 0n ? 0 : 1)),
    )
  const on = (name: string, given: Readonly<Record<string, unknown>> = {}) =>
    emit(choice, name, { poolId: id, ...given })
  const enter = (round: number) => {
    const roundId = next(id, round)
    return [
      on('RoundOpened', { roundId }),
      ...entryIds(round).map((entryId) => on('EntryPlaced', { roundId, entryId })),
      on('PrizePoolUpdated', { roundId }),
    ]
  }
  const [first, second] = [next(id, 0), next(id, 1)]
  const requestId = id
  return [
    on('PoolCreated'),
    ...enter(0),
    emit(choice, 'AuthorizationUsed', {}),
    emit(choice, 'Transfer', { to: game }),
    on('X402PaymentSettled', { roundId: first }),
    emit(choice, 'AuthorizationCanceled', {}),
    on('RoundClosed', { roundId: first }),
    emit(choice, 'RandomWordsRequested', { requestId, sender: game }),
    on('RandomnessRequested', { roundId: first, requestId }),
    on('RandomnessFulfilled', { roundId: first, requestId }),
    emit(choice, 'RandomWordsFulfilled', { requestId }),
    on('RoundDrawn', { roundId: first }),
    ...entryIds(0).map(() => on('ProtocolFeeCollected', { roundId: first })),
    ...entryIds(0).map((entryId) => on('PrizePaid', { roundId: first, entryId, delivered: false })),
    emit(choice, 'Transfer', { from: game }),
    on('PrizeCarried', { fromRoundId: first }),
    on('RoundFinalized', { roundId: first, outcome: 0 }),
    emit(choice, 'CreditClaimed', { token: numberToHex(choice.whole(160), { size: 20 }) }),
    ...enter(1),
    on('RoundCancelled', { roundId: second, reason: 0 }),
    ...entryIds(1).map((entryId) => on('EntryRefunded', { roundId: second, entryId })),
    on('RoundFinalized', { roundId: second, outcome: 2 }),
    ...enter(2),
  ]
}

/** The names of all events. */
export const eventNames = (): readonly string[] => [...EVENTS.keys()]

const byte = (value: number) => value.toString(16).padStart(2, '0')

/** Code that emits what its calldata says: how many topics, the topics, the data. */
const emitterCode = (): string => {
  const topics = [1, 2, 3, 4]
  // Copies the calldata, and jumps by its first word.
  const start = '3660006000376000'
  const bodies = topics.map((count) => {
    const from = byte(32 + 32 * count)
    const pushed = topics
      .slice(0, count)
      .reverse()
      .map((topic) => `60${byte(32 * topic)}51`)
    return `5b${pushed.join('')}60${from}360360${from}a${count}00`
  })
  const jump = (count: number, to: number) => `60005160${byte(count)}1460${byte(to)}57`
  const head = start.slice(0, -4)
  const first = head.length / 2 + topics.length * (jump(0, 0).length / 2) + 1
  const jumps = topics.map((count) => {
    const before = bodies.slice(0, count - 1).join('').length / 2
    return jump(count, first + before)
  })
  return `${head}${jumps.join('')}00${bodies.join('')}`
}

/** What creates such a contract. */
export const emitterBytecode = (): Hex => {
  const code = emitterCode()
  return `0x60${byte(code.length / 2)}80600b6000396000f3${code}`
}

/** The calldata that has a log emitted. */
export const emitting = ({ topics, data }: RawLog): Hex =>
  concat([numberToHex(topics.length, { size: 32 }), ...topics, data])
