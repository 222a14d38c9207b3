/** The three tables of bench/peers.ts by a SQD processor, up to the block in LAST_BLOCK. Runs where its packages are installed. */
const { EvmBatchProcessor } = require('@subsquid/evm-processor')
const { TypeormDatabase } = require('@subsquid/typeorm-store')
const { event, indexed } = require('@subsquid/evm-abi')
const p = require('@subsquid/evm-codec')
const { Entry, Player, Round } = require('./lib/model')

const { RPC_URL, GAME, FIRST_BLOCK, LAST_BLOCK, TOPIC } = process.env

const entryPlaced = event(
  TOPIC,
  'EntryPlaced(uint256,uint256,address,uint256,uint16,address,uint256,uint256,uint8,bytes32)',
  {
    poolId: indexed(p.uint256),
    roundId: indexed(p.uint256),
    player: indexed(p.address),
    entryId: p.uint256,
    number: p.uint16,
    payer: p.address,
    amount: p.uint256,
    feeAmount: p.uint256,
    paymentMethod: p.uint8,
    paymentRef: p.bytes32,
  },
)

const processor = new EvmBatchProcessor()
  .setRpcEndpoint({ url: RPC_URL, capacity: 10, maxBatchCallSize: 100 })
  .setFinalityConfirmation(30)
  .setBlockRange({ from: Number(FIRST_BLOCK), to: Number(LAST_BLOCK) })
  .addLog({ address: [GAME], topic0: [TOPIC] })
  .setFields({ log: { transactionHash: true } })

/** The rows of some ids: those in the store, and new ones for the others. */
const load = async (store, Kind, ids) => {
  const { In } = require('typeorm')
  const found = new Map(
    (await store.findBy(Kind, { id: In([...ids]) })).map((row) => [row.id, row]),
  )
  for (const id of ids)
    if (!found.has(id)) found.set(id, new Kind({ id, entryCount: 0, wagered: 0n }))
  return found
}

processor.run(new TypeormDatabase({ supportHotBlocks: true }), async ({ store, blocks }) => {
  const entries = blocks.flatMap(({ header, logs }) =>
    logs
      .filter(({ topics }) => topics[0] === TOPIC)
      .map((log) => ({ header, log, args: entryPlaced.decode(log) })),
  )
  const roundOf = ({ poolId, roundId }) => `${poolId}-${roundId}`
  const rounds = await load(store, Round, new Set(entries.map(({ args }) => roundOf(args))))
  const players = await load(store, Player, new Set(entries.map(({ args }) => args.player)))
  const rows = entries.map(({ header, log, args }) => {
    for (const total of [rounds.get(roundOf(args)), players.get(args.player)]) {
      total.entryCount += 1
      total.wagered += args.amount
    }
    return new Entry({
      id: String(args.entryId),
      blockNumber: header.height,
      logIndex: log.logIndex,
      transactionHash: log.transactionHash,
      timestamp: Math.floor(header.timestamp / 1000),
      ...args,
    })
  })
  await store.insert(rows)
  await store.upsert([...rounds.values()])
  await store.upsert([...players.values()])
})
