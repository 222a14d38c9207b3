import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { toEventSelector } from 'viem'
import { expect, test } from 'vitest'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { vrfCoordinatorMockAbi } from '../../abis/VrfCoordinatorMock.ts'
import { build } from '../../contracts/build.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('abis and bytecode are what npm run abis writes', { timeout: 120_000 }, () => {
  const drifted = [...build()].flatMap(([path, content]) =>
    readFileSync(`${root}${path}`, 'utf8') === content ? [] : [path],
  )
  expect(drifted).toEqual([])
})

test('the events are those of the specification', () => {
  const topics = pay402WinAbi.flatMap((item) =>
    item.type === 'event' ? [[item.name, toEventSelector(item).slice(0, 10)]] : [],
  )
  expect(Object.fromEntries(topics)).toEqual({
    PoolCreated: '0x88186e18',
    RoundOpened: '0xc28093d5',
    EntryPlaced: '0x17e7f7f4',
    PrizePoolUpdated: '0x34e6bc80',
    X402PaymentSettled: '0xf6c63489',
    RoundClosed: '0x4778087c',
    RandomnessRequested: '0x7aa6dddd',
    RandomnessFulfilled: '0xf6ca453b',
    RoundDrawn: '0xaec7b134',
    PrizePaid: '0x92eab237',
    PrizeCarried: '0x7f8f4f0e',
    ProtocolFeeCollected: '0x5c544b5a',
    RoundCancelled: '0xbbb753eb',
    EntryRefunded: '0xaddf8e35',
    RoundFinalized: '0x385b8cf2',
    CreditClaimed: '0x18703eff',
  })
})

test('the functions are these and no others: nobody can pause, reroute, sweep, upgrade or own', () => {
  const functions = pay402WinAbi.flatMap((item) =>
    item.type === 'function' && item.stateMutability !== 'view' ? [item.name] : [],
  )
  expect(functions.toSorted()).toEqual([
    ...['cancelExpired', 'claimCredit', 'closeRound', 'createPool', 'enter'],
    ...['enterWithAuthorization', 'enterWithToken', 'processRefunds', 'rawFulfillRandomWords'],
    ...['settleFromDraw', 'settleRound'],
  ])
  const special = pay402WinAbi.filter(({ type }) => !['function', 'event', 'error'].includes(type))
  expect(special.map(({ type }) => type)).toEqual(['constructor'])
})

test('the coordinator’s events are Chainlink’s', () => {
  const topics = vrfCoordinatorMockAbi.flatMap((item) =>
    item.type === 'event' && item.name.startsWith('RandomWords')
      ? [[item.name, toEventSelector(item)]]
      : [],
  )
  expect(Object.fromEntries(topics)).toEqual({
    RandomWordsRequested: '0xeb0e3652e0f44f417695e6e90f2f42c99b65cd7169074c5a654b16b9748c3a4e',
    RandomWordsFulfilled: '0xaeb4b4786571e184246d39587f659abf0e26f41f6a3358692250382c0cdb47b7',
  })
})
