import type { Ledger } from './ledger.ts'

const INVARIANT = 'UNAUDITED'
/** What is written down of a check that is done again and again. */
const WRITE_MS = 5_000
const LONGEST = 500

/** Writes down when a check was done, and why not; a check that cannot be done for too long is an issue itself. */
export const createOutcome = (
  { chainId, name }: { readonly chainId: number; readonly name: string },
  ledger: Ledger,
  unauditedMs: number,
) => {
  const id = `${chainId}-${INVARIANT}-${name}`
  let doneAt = performance.now()
  let writtenAt = Number.NEGATIVE_INFINITY
  let error: string | undefined
  let isOpen: boolean | undefined
  const now = () => Math.floor(Date.now() / 1000)

  return {
    succeeded: async () => {
      doneAt = performance.now()
      isOpen ??= (await ledger.open(chainId, INVARIANT)).some((open) => open.id === id)
      if (error === undefined && !isOpen && doneAt - writtenAt < WRITE_MS) return
      await ledger.checked(chainId, name, { at: now() })
      if (isOpen) await ledger.resolve([id], now())
      isOpen = false
      error = undefined
      writtenAt = doneAt
    },
    failed: async (reason: string) => {
      const text = reason.slice(0, LONGEST)
      if (text !== error) await ledger.checked(chainId, name, { error: text })
      error = text
      const silentMs = performance.now() - doneAt
      if (isOpen === true || silentMs < unauditedMs) return
      const seconds = (ms: number) => `${Math.round(ms / 1000)} s`
      await ledger.report([
        {
          ...{ id, chainId, invariant: INVARIANT, scope: `check ${name}` },
          expected: `done within ${seconds(unauditedMs)}`,
          actual: `not done for ${seconds(silentMs)}: ${text}`,
          ...{ blockNumber: 0, timestamp: now() },
        },
      ])
      isOpen = true
    },
  }
}
