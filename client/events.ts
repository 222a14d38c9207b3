export interface ServerEvent {
  readonly event: string
  readonly data: string
}

/** Takes the text of an event stream in pieces, cut anywhere, and gives the events that each piece completes. */
export const createEventParser = () => {
  let rest = ''
  let event = ''
  let data: string[] = []

  const takeLine = (line: string): ServerEvent | undefined => {
    if (line === '') {
      const complete = { event: event === '' ? 'message' : event, data: data.join('\n') }
      const isEvent = event !== '' || data.length > 0
      event = ''
      data = []
      return isEvent ? complete : undefined
    }
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') event = value
    if (name === 'data') data.push(value)
    return undefined
  }

  return (text: string): readonly ServerEvent[] => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    return lines.flatMap((line) => takeLine(line.replace(/\r$/, '')) ?? [])
  }
}
