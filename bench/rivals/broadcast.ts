/**
 * The floor: one process that does nothing but send the bytes it is given to everyone who is connected, by `ws` or as an event
 * stream. The newest message is also what a newcomer gets.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'

let newest = ''
const streams = new Set<ServerResponse>()
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(`event: next\ndata: ${newest}\n\n`)
  streams.add(response)
  response.on('close', () => streams.delete(response))
})
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
const frame = (json: string) => `{"id":"1","type":"next","payload":${json}}`
sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const text = String(data)
    if (text.includes('connection_init')) socket.send('{"type":"connection_ack"}')
    else if (text.includes('subscribe')) socket.send(frame(newest))
  })
})
process.on('message', (json: string) => {
  newest = json
  for (const socket of sockets.clients) socket.send(frame(json))
  for (const stream of streams) stream.write(`event: next\ndata: ${json}\n\n`)
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
