const { EntitySchema } = require('typeorm')

const wide = { type: 'numeric', transformer: { to: (value) => value.toString(), from: BigInt } }
const id = { type: 'text', primary: true }

// A class each: what one inherits from another would be a column of both.
const createModel = () =>
  class {
    constructor(values) {
      Object.assign(this, values)
    }
  }
const Entry = createModel()
const Round = createModel()
const Player = createModel()

exports.Entry = Entry
exports.Round = Round
exports.Player = Player
exports.EntrySchema = new EntitySchema({
  name: 'Entry',
  target: Entry,
  tableName: 'entry',
  columns: {
    id,
    blockNumber: { type: 'int8' },
    logIndex: { type: 'int4' },
    transactionHash: { type: 'text' },
    timestamp: { type: 'int8' },
    poolId: wide,
    roundId: wide,
    entryId: wide,
    player: { type: 'text' },
    payer: { type: 'text' },
    number: { type: 'int4' },
    amount: wide,
    feeAmount: wide,
    paymentMethod: { type: 'int4' },
    paymentRef: { type: 'text' },
  },
})
const totals = (name, target) =>
  new EntitySchema({
    name,
    target,
    tableName: name.toLowerCase(),
    columns: { id, entryCount: { type: 'int4' }, wagered: wide },
  })
exports.RoundSchema = totals('Round', Round)
exports.PlayerSchema = totals('Player', Player)
