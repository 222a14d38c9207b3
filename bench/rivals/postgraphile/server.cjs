/** PostGraphile as documented, with its aggregates and filters, over the same tables. */
const { createServer } = require('node:http')
const { postgraphile } = require('postgraphile')
const { PostGraphileAmberPreset } = require('postgraphile/presets/amber')
const { makePgService } = require('postgraphile/adaptors/pg')
const { PgAggregatesPreset } = require('@graphile/pg-aggregates')
const { PostGraphileConnectionFilterPreset } = require('postgraphile-plugin-connection-filter')
const { makeJSONPgSmartTagsPlugin } = require('postgraphile/utils')
const { grafserv } = require('postgraphile/grafserv/node')

/** The tables have no foreign keys: these are the ones that its nested fields need. */
const keys = makeJSONPgSmartTagsPlugin({
  version: 1,
  config: {
    class: {
      pool: { tags: { unique: 'chain_id,pool_id' } },
      round: {
        tags: {
          unique: 'chain_id,pool_id,round_id',
          foreignKey:
            '(chain_id,pool_id) references pool (chain_id,pool_id)|@fieldName pool|@foreignFieldName rounds',
        },
      },
      entry: {
        tags: {
          foreignKey:
            '(chain_id,pool_id,round_id) references round (chain_id,pool_id,round_id)|@fieldName round|@foreignFieldName entries',
        },
      },
    },
  },
})

const preset = {
  extends: [PostGraphileAmberPreset, PgAggregatesPreset, PostGraphileConnectionFilterPreset],
  plugins: [keys],
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
