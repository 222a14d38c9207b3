/** What arrived and was not taken yet. What goes wrong comes after all that arrived before it, and nothing after it. */
export const createInbox = <Message extends object>() => {
  const arrived: Message[] = []
  let failure: { readonly error: unknown } | undefined
  let wake = () => {}
  return {
    put: (message: Message) => {
      if (failure !== undefined) return
      arrived.push(message)
      wake()
    },
    fail: (error: unknown) => {
      failure ??= { error }
      wake()
    },
    size: () => arrived.length,
    take: async (): Promise<Message> => {
      for (;;) {
        const first = arrived.shift()
        if (first !== undefined) return first
        if (failure !== undefined) throw failure.error
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
