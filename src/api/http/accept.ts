/** One of the media types in an Accept header, in lower case. */
export interface MediaRange {
  readonly type: string
  /** The value of a parameter, such as `q`. */
  readonly parameter: (name: string) => string | undefined
}

/** What a client takes, in the order in which it says so. */
export const mediaRanges = (accept: string): readonly MediaRange[] =>
  accept
    .toLowerCase()
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
      return {
        type,
        parameter: (name) =>
          parameters.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1),
      }
    })
