/** What the caller sent cannot be right: a cursor of another list, a number that no column holds. Says what was expected. */
export class InputError extends Error {
  override readonly name = 'InputError'
}
