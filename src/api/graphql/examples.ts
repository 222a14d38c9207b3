/** A ready-made operation for GraphiQL. */
export interface Example {
  readonly name: string
  readonly text: string
}

/** Works as it is on the local stack: pool 1 exists there from the start. */
export const EXAMPLES: readonly Example[] = [
  {
    name: 'Pools',
    text: `# Every pool with its sums and the round that takes entries now.
query Pools {
  head { number hash timestamp }
  pools {
    totalCount
    edges {
      node {
        poolId
        name
        entryFee { decimal token { symbol } }
        stats { entryCount uniquePlayers wagered { decimal } prizesWon { decimal } }
        currentRound { roundId phase closesAt prizePool { decimal } }
      }
    }
  }
}
`,
  },
  {
    name: 'LivePool',
    text: `# The pool now, and again after every block that changes it.
subscription LivePool {
  livePool(poolId: "1") {
    head { number timestamp }
    round { roundId phase entryCount prizePool { decimal token { symbol } } }
    participants
    lastEntries { entryId number player { address } }
  }
}
`,
  },
  {
    name: 'LivePools',
    text: `# All pools on one screen.
subscription LivePools {
  livePools(first: 10) {
    head { number }
    pool { name }
    round { roundId phase prizePool { decimal } }
    participants
  }
}
`,
  },
  {
    name: 'Feed',
    text: `# Everything that happens in a pool, in order. Come back with the last cursor: nothing is missed, nothing comes twice.
subscription Feed {
  feed(where: { poolId: { eq: "1" } }, fromStart: true) {
    ... on FeedAppend {
      cursor
      head { number finalizedNumber }
      events { kind round { roundId } number player { address } amount { decimal token { symbol } } tx { blockNumber } }
    }
    # The chain was reorganised: forget what is above this block.
    ... on FeedUndo { cursor toBlock removed }
  }
}
`,
  },
  {
    name: 'LiveLeaderboard',
    text: `# Who is ahead today, and whose rank has changed since the last message.
subscription LiveLeaderboard {
  leaderboard(token: "0x0000000000000000000000000000000000000000", window: DAY, first: 10) {
    head { number }
    entries { rank player { address } value }
    moves { player { address } from to }
  }
}
`,
  },
  {
    name: 'Rounds',
    text: `# The newest rounds of a pool, newest first, a page at a time.
query Rounds($after: Cursor) {
  pool(poolId: "1") {
    name
    rounds(first: 5, after: $after, orderBy: [{ field: ROUND_ID, direction: DESC }]) {
      edges {
        cursor
        node {
          roundId
          status
          entryCount
          winningNumber
          winningEntryCount
          prizePerEntry { decimal }
          carryOut { decimal }
          drawnTx { hash blockNumber explorerUrl }
          finality
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`,
  },
  {
    name: 'Numbers',
    text: `# All 402 numbers of the first round: how often each was picked, and what one more entry would be worth.
query Numbers {
  round(poolId: "1", roundId: "1") {
    distinctNumbers
    coverageBps
    numbers { number entryCount distinctPlayers projectedPrize { decimal } expectedValue { decimal } }
  }
}
`,
  },
  {
    name: 'OpenEntries',
    text: `# The newest entries of rounds that are still open.
query OpenEntries {
  entries(
    where: { round: { status: { eq: OPEN } } }
    orderBy: [{ field: BLOCK_NUMBER, direction: DESC }, { field: LOG_INDEX, direction: DESC }]
    first: 10
  ) {
    totalCount
    edges { node { entryId number status player { address } amount { decimal token { symbol } } tx { hash } } }
  }
}
`,
  },
  {
    name: 'Prizes',
    text: `# The largest prizes of one token, and whether they arrived.
query Prizes {
  payouts(
    where: { kind: { eq: PRIZE }, token: { eq: "0x0000000000000000000000000000000000000000" } }
    orderBy: [{ field: AMOUNT, direction: DESC }]
    first: 10
  ) {
    edges { node { recipient amount { decimal token { symbol } } state round { roundId pool { name } } tx { timestamp } claimTx { hash } } }
  }
}
`,
  },
  {
    name: 'Players',
    text: `# The most eager players and their money, token by token.
query Players {
  players(orderBy: [{ field: ENTRY_COUNT, direction: DESC }], first: 10) {
    edges {
      node {
        address
        entryCount
        roundsWon
        balances {
          token { symbol }
          wagered { decimal }
          won { decimal }
          pending { decimal }
          realizedNetProfit { decimal }
          roiBps
        }
      }
    }
  }
}
`,
  },
  {
    name: 'History',
    text: `# What happened to the most eager player, newest first.
query History {
  players(first: 1, orderBy: [{ field: ENTRY_COUNT, direction: DESC }]) {
    edges {
      node {
        address
        firstSeenAt
        lastSeenAt
        history(first: 20) {
          edges { node { kind number amount { decimal token { symbol } } pool { name } round { roundId } tx { timestamp } } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
}
`,
  },
  {
    name: 'Participation',
    text: `# What one player has riding on a round. Put any player's address into the variables.
query Participation($address: Address = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8") {
  participation(address: $address, poolId: "1", roundId: "1") {
    numbers
    winChance
    wagered { decimal }
    projectedPrize { decimal }
    round { phase }
  }
}
`,
  },
  {
    name: 'Activity',
    text: `# The last facts of the chain, whatever their kind.
query Activity {
  activity(last: 20) {
    edges { node { kind pool { name } round { roundId } player { address } number amount { decimal token { symbol } } tx { blockNumber logIndex } finality } }
  }
}
`,
  },
  {
    name: 'Sparkline',
    text: `# The prize pool of a round after each entering transaction.
query Sparkline {
  round(poolId: "1", roundId: "1") {
    prizePoolHistory(last: 50) { at entryCount prizePool { decimal } }
  }
}
`,
  },
  {
    name: 'Transaction',
    text: `# After sending a transaction: wait until it is indexed, then show what it did.
query Transaction($hash: Hex = "0x0000000000000000000000000000000000000000000000000000000000000000") {
  transaction(hash: $hash, waitMs: 1000) {
    indexed
    finality
    entries { entryId number status }
    payouts { kind amount { decimal } }
  }
}
`,
  },
  {
    name: 'Status',
    text: `# How far the indexer is, and which tokens are in play.
query Status {
  status { head { number hash timestamp finalizedNumber } chainHeadNumber lagBlocks ready buildId version }
  tokens { symbol name decimals address isNative }
}
`,
  },
  {
    name: 'Leaderboard',
    text: `# Who is ahead in the native coin this week, and the ranks are exact.
query Leaderboard {
  head { number }
  leaderboard(token: "0x0000000000000000000000000000000000000000", window: WEEK, first: 10) {
    totalCount
    edges {
      node {
        rank
        player { address }
        realizedNetProfit { decimal token { symbol } }
        wagered { decimal }
        wins
        roiBps
      }
    }
  }
}
`,
  },
  {
    name: 'Numbers',
    text: `# The numbers of a pool that have waited longest, and what each week brought.
query Numbers {
  pool(poolId: "1") {
    numbers(orderBy: GAP_DESC) { number timesDrawn timesHit gap longestGap entryCount }
    buckets(interval: WEEK, from: 1767225600, to: 1893456000, fillGaps: false) {
      start
      entryCount
      uniquePlayers
      newPlayers
      wagered { decimal }
      prizePoolOpen { decimal }
      prizePoolHigh { decimal }
      prizePoolClose { decimal }
    }
  }
}
`,
  },
  {
    name: 'Aggregates',
    text: `# What each pool took, day by day, and where its money went. Exact, and never added up over tokens.
query Aggregates {
  entryAggregates(
    groupBy: [DAY, POOL]
    having: { players: { gte: 1 } }
    orderBy: [{ field: DAY, direction: DESC }, { field: COUNT, direction: DESC }]
    first: 10
  ) {
    day
    pool { name }
    count
    players
    amount { sum { decimal token { symbol } } avg }
    feeAmount { sum { decimal } }
  }
  payoutAggregates(groupBy: [TOKEN, KIND, STATE], first: 10) {
    token { symbol }
    kind
    state
    count
    recipients
    amount { sum { decimal } max { decimal } }
  }
}
`,
  },
  {
    name: 'Draw',
    text: `# A draw, done again: each check says what it should be and what the chain says.
query Draw {
  drawVerification(poolId: "1", roundId: "1") {
    verified
    winningNumber
    randomWord
    latencyBlocks
    checks { name result expected actual explanation }
  }
}
`,
  },
  {
    name: 'X402',
    text: `# Payments by x402: who signed, who sent, and what they paid for.
query X402 {
  x402Payments(last: 10) {
    edges {
      node {
        authorizer
        facilitator
        amount { decimal token { symbol } }
        linkStatus
        nonceVerified
        entries { entryId number }
      }
    }
  }
  tokenTotals { token { symbol } wagered { decimal } locked { decimal } players }
}
`,
  },
]
