/** PostGraphile as documented, with its aggregates, over the same tables. */
const { createServer } = require('node:http')
const { postgraphile } = require('postgraphile')
const { PostGraphileAmberPreset } = require('postgraphile/presets/amber')
const { makePgService } = require('postgraphile/adaptors/pg')
const { PgAggregatesPreset } = require('@graphile/pg-aggregates')
const { grafserv } = require('postgraphile/grafserv/node')

const preset = {
  extends: [PostGraphileAmberPreset, PgAggregatesPreset],
  disablePlugins: ['PgIndexBehaviorsPlugin'],
  grafast: { explain: false },
  grafserv: { graphqlPath: '/graphql', watch: false },
  pgServices: [
    makePgService({
      connectionString: process.env.BENCH_DATABASE_URL,
      schemas: [process.env.BENCH_SCHEMA],
    }),
  ],
}

const main = async () => {
  const server = createServer()
  const served = postgraphile(preset).createServ(grafserv)
  await served.addTo(server)
  server.listen(0, '127.0.0.1', () => process.send?.(server.address().port))
}
process.on('disconnect', () => process.exit())
main().catch((error) => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
