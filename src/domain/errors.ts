/** Facts an error carries, printed one a line behind its message. */
export type Facts = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>

const describe = (facts: Facts) =>
  Object.entries(facts)
    .map(([name, value]) => `\n  ${name}: ${String(value)}`)
    .join('')

/**
 * An event that the contract cannot emit in the state that was indexed: logs were missed, the ABI is another
 * contract's, or the code is wrong. It stops the indexer; carrying on would spread the damage.
 */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
  readonly event: string
  readonly facts: Facts

  constructor(event: string, shortMessage: string, facts: Facts = {}) {
    super(`${event}: ${shortMessage}${describe(facts)}`)
    this.event = event
    this.facts = facts
  }
}

/** The environment does not say what was expected. `mistakes` names each variable with what it should hold. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(`Configuration:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`)
    this.mistakes = mistakes
  }
}
