/** What the caller sent cannot be right: a cursor of another list, a number that no column holds. Says what was expected. */
export class InputError extends Error {
  override readonly name = 'InputError'
}

/** Nobody waits for the result any more, so nothing is done for it. */
export class GoneError extends Error {
  override readonly name = 'GoneError'

  constructor() {
    super('Nobody waits for this any more')
  }
}

/** There is too much to do already. */
export class BusyError extends Error {
  override readonly name = 'BusyError'
  /** It is the caller's own share that is used up; otherwise everybody's. */
  readonly isOwnShare: boolean
  /** When there may be room, in milliseconds from now. */
  readonly retryAfterMs: number

  constructor(isOwnShare: boolean, retryAfterMs: number) {
    super(isOwnShare ? 'Too much is done for this caller already' : 'Too much is to be done')
    this.isOwnShare = isOwnShare
    this.retryAfterMs = Math.max(1000, retryAfterMs)
  }
}

/** The database gave no sign of life in time; its session was given up. */
export class SilentError extends Error {
  override readonly name = 'SilentError'

  constructor(milliseconds: number) {
    super(`the database did not answer within ${milliseconds / 1_000} s`)
  }
}

/** There is no connection to the database, or none any more. */
export class LostError extends Error {
  override readonly name = 'LostError'

  constructor(options?: ErrorOptions) {
    super('The connection to the database was lost', options)
  }
}
