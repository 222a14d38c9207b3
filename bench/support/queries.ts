/** What a screen of one pool asks for: some 300 bytes an answer, and some 5,000. */
export const QUERIES = {
  '300 B': /* GraphQL */ `
    subscription {
      livePool(poolId: "1") {
        head { number hash timestamp finalizedNumber } participants
        round { status entryCount prizePool { raw } }
      }
    }
  `,
  '5 kB': /* GraphQL */ `
    subscription {
      livePool(poolId: "1") {
        head { number hash timestamp finalizedNumber } participants
        pool { poolId name entryFee { raw decimal } stats { entryCount wagered { raw decimal } } }
        round { roundId status entryCount uniquePlayers opensAt closesAt prizePool { raw decimal } }
        lastEntries {
          id number amount { raw decimal token { address symbol decimals } } player { address }
          payer paymentMethod finality tx { hash blockNumber blockHash logIndex timestamp }
        }
      }
    }
  `,
} as const

export type Size = keyof typeof QUERIES
export const SIZES = Object.keys(QUERIES) as readonly Size[]

/** The answer to a live query as our server sends it, taken from an event stream. */
export const answerOf = async (url: string, query: string): Promise<string> => {
  const address = new URL(url)
  address.searchParams.set('query', query)
  const response = await fetch(address, { headers: { accept: 'text/event-stream' } })
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    const found = /event: next\ndata: (.*)\n\n/.exec(text)
    if (found?.[1]?.startsWith('{"data"') === true) return found[1]
    if (found !== null) throw new Error(found[1])
  }
  throw new Error(`no answer to ${query}`)
}
