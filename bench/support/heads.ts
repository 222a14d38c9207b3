import { once } from 'node:events'
import { WebSocket } from 'ws'

/** Keeps, for each block, when it was first seen. */
export const createSightings = () => {
  const seenAt = new Map<number, number>()
  const waiting = new Map<number, () => void>()
  return {
    see: (block: number) => {
      if (seenAt.has(block)) return
      seenAt.set(block, performance.now())
      waiting.get(block)?.()
    },
    of: (block: number): Promise<number> =>
      new Promise((resolve) => {
        const done = () => resolve(seenAt.get(block) ?? Number.NaN)
        if (seenAt.has(block)) done()
        else waiting.set(block, done)
      }),
  }
}

/** A bare `newHeads` client: the earliest that anybody can know of a block. */
export const watchHeads = async (url: string) => {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  const sightings = createSightings()
  const subscribed = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const { id, params } = JSON.parse(String(data)) as {
        id?: number
        params?: { result: { number: string } }
      }
      if (id !== undefined) resolve()
      if (params !== undefined) sightings.see(Number(params.result.number))
    })
  })
  socket.send('{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}')
  await subscribed
  return { of: sightings.of, stop: async () => socket.terminate() }
}
