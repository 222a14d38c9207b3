import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { freePort, spawnChild } from '../../stack/process.ts'
import { homeOf, install, rivalFile } from './install.ts'
import { EVENT, measure, type Rival, type Site } from './measure.ts'

const HOME = homeOf('subquery')
const VERSION = '6.5.0'
const PACKAGES = [`@subql/node-ethereum@${VERSION}`]
const EVENT_HANDLER = {
  kind: 'ethereum/LogHandler',
  handler: 'handleEntry',
  filter: { topics: [EVENT] },
}

/** JSON is YAML too. */
const project = ({ chain }: Site) =>
  JSON.stringify({
    specVersion: '1.0.0',
    name: 'three',
    version: '0.0.0',
    runner: {
      node: { name: '@subql/node-ethereum', version: '*' },
      query: { name: '@subql/query', version: '*' },
    },
    schema: { file: './schema.graphql' },
    network: { chainId: '31337', endpoint: chain.anvil.url },
    dataSources: [
      {
        kind: 'ethereum/Runtime',
        startBlock: chain.local.startBlock,
        options: { abi: 'game', address: chain.local.contract },
        assets: { game: { file: './game.json' } },
        mapping: { file: './handler.js', handlers: [EVENT_HANDLER] },
      },
    ],
  })

export const subquery: Rival = {
  name: 'SubQuery',
  version: VERSION,
  prepare: async (site) => {
    await install(HOME, PACKAGES)
    await writeFile(join(HOME, 'project.yaml'), project(site))
    await writeFile(join(HOME, 'game.json'), JSON.stringify(pay402WinAbi))
    await copyFile(rivalFile('three.graphql'), join(HOME, 'schema.graphql'))
    await copyFile(rivalFile('subquery/handler.cjs'), join(HOME, 'handler.js'))
  },
  run: async (site, url) => {
    const { hostname, port, pathname, username } = new URL(url)
    const own = await freePort()
    const tables = { entry: 'entries', round: 'rounds', player: 'players' }
    return measure(site, { url, schema: 'three', tables }, () =>
      spawnChild(
        execPath,
        [
          ...['node_modules/@subql/node-ethereum/bin/run', '-f', '.', '--port', String(own)],
          ...['--db-schema', 'three', '--historical', 'false', '--skipTransactions'],
        ],
        {
          cwd: HOME,
          env: {
            ...process.env,
            DB_HOST: hostname,
            DB_PORT: port,
            DB_USER: username,
            DB_PASS: 'none',
            DB_DATABASE: pathname.slice(1),
            TZ: 'utc',
          },
          stdio: 'ignore',
        },
      ),
    )
  },
}
