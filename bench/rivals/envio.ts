import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execPath } from 'node:process'
import { freePort, spawnChild } from '../../stack/process.ts'
import { FINALITY } from '../support/entries.ts'
import { ended, homeOf, install, rivalFile } from './install.ts'
import { EVENT, measure, type Rival } from './measure.ts'

const HOME = homeOf('envio')
const TOOLS = join(HOME, 'tools')
const GENERATED = join(HOME, 'generated')
const VERSION = '3.0.0-alpha.21'
/** Envio's generator asks for pnpm, and where there is none it installs one for the whole machine. Later ones need a script of theirs. */
const PACKAGES = [`envio@${VERSION}`, 'pnpm@10.34.9']
const MANIFEST = {
  private: true,
  type: 'module',
  dependencies: { envio: VERSION },
  optionalDependencies: { generated: './generated' },
}

/** All that npm and pnpm write stays below the tools. */
const tooled = () => ({
  ...process.env,
  PATH: `${join(TOOLS, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
  npm_config_prefix: join(TOOLS, 'global'),
  npm_config_store_dir: join(TOOLS, 'store'),
  npm_config_cache_dir: join(TOOLS, 'cache'),
  npm_config_state_dir: join(TOOLS, 'state'),
})

export const envio: Rival = {
  name: 'Envio',
  version: VERSION,
  prepare: async ({ chain }) => {
    await install(TOOLS, PACKAGES)
    await mkdir(join(HOME, 'src/handlers'), { recursive: true })
    await writeFile(join(HOME, 'package.json'), JSON.stringify(MANIFEST))
    await copyFile(rivalFile('envio/config.yaml'), join(HOME, 'config.yaml'))
    await copyFile(rivalFile('three.graphql'), join(HOME, 'schema.graphql'))
    await copyFile(rivalFile('envio/handler.js'), join(HOME, 'src/handlers/handler.js'))
    const codegen = await spawnChild('envio', ['codegen'], {
      cwd: HOME,
      env: {
        ...tooled(),
        EVENT,
        FINALITY: String(FINALITY),
        RPC_URL: chain.anvil.url,
        GAME: chain.local.contract,
        FIRST_BLOCK: String(chain.local.startBlock),
      },
      stdio: 'ignore',
    })
    await ended('envio codegen', codegen)
  },
  run: async (site, url) => {
    const { hostname, port, pathname, username } = new URL(url)
    const metrics = await freePort()
    const tables = { entry: 'Entry', round: 'Round', player: 'Player' }
    // What `envio start` runs, without what runs it.
    return measure(site, { url, schema: 'three', tables }, () =>
      spawnChild(execPath, ['generated/src/Index.res.mjs'], {
        cwd: HOME,
        env: {
          ...process.env,
          ENVIO_HASURA: 'false',
          ENVIO_INDEXER_PORT: String(metrics),
          ENVIO_PG_HOST: hostname,
          ENVIO_PG_PORT: port,
          ENVIO_PG_USER: username,
          ENVIO_PG_PASSWORD: 'none',
          ENVIO_PG_DATABASE: pathname.slice(1),
          ENVIO_PG_SCHEMA: 'three',
          ENVIO_PG_SSL_MODE: 'false',
          TUI_OFF: 'true',
        },
        stdio: 'ignore',
      }),
    )
  },
  // It holds TypeScript that is not ours to check.
  clean: () => rm(GENERATED, { recursive: true, force: true }),
}
