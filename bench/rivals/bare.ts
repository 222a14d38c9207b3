/** The floor for a query: `node:http` and postgres.js, one prepared statement a request, and its rows as JSON. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import postgres from 'postgres'

const sql = postgres(process.env.BENCH_DATABASE_URL ?? '', {
  max: 10,
  fetch_types: false,
  connection: { search_path: process.env.BENCH_SCHEMA ?? '' },
})
const server = createServer(async (request, response) => {
  const { query, variables } = JSON.parse(await text(request)) as {
    query: string
    variables: readonly string[]
  }
  const rows = await sql.unsafe(query, [...variables], { prepare: true })
  const body = Buffer.from(JSON.stringify({ data: rows }))
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
