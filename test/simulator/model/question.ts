/** What to ask, and the `data` that the answer must be, by deep equality. */
export interface Question {
  readonly name: string
  readonly document: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly expected: unknown
}
