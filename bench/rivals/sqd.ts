import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execPath } from 'node:process'
import postgres from 'postgres'
import { encodeEventTopics } from 'viem'
import { pay402WinAbi } from '../../abis/Pay402Win.ts'
import { spawnChild } from '../../stack/process.ts'
import { homeOf, install, rivalFile } from './install.ts'
import { measure, type Rival } from './measure.ts'

const HOME = homeOf('sqd')
const VERSION = '1.27.3'
/** The newest that can be installed together: later stores ask for a package that the registry does not have. */
const PACKAGES = [
  `@subsquid/evm-processor@${VERSION}`,
  '@subsquid/evm-abi@0.3.1',
  '@subsquid/evm-codec@0.3.0',
  '@subsquid/typeorm-store@1.5.1',
  '@subsquid/typeorm-config@4.1.1',
  'typeorm@0.3.20',
  'pg@8.13.0',
]
const TABLES = `
  create table entry (id text primary key, block_number int8 not null, log_index int4 not null, transaction_hash text not null,
    timestamp int8 not null, pool_id numeric not null, round_id numeric not null, entry_id numeric not null,
    player text not null, payer text not null, number int4 not null, amount numeric not null, fee_amount numeric not null,
    payment_method int4 not null, payment_ref text not null);
  create table round (id text primary key, entry_count int4 not null, wagered numeric not null);
  create table player (id text primary key, entry_count int4 not null, wagered numeric not null);`

export const sqd: Rival = {
  name: 'SQD',
  version: VERSION,
  prepare: async () => {
    await install(HOME, PACKAGES)
    await mkdir(join(HOME, 'lib/model'), { recursive: true })
    await copyFile(rivalFile('sqd/main.cjs'), join(HOME, 'main.cjs'))
    await copyFile(rivalFile('sqd/model.cjs'), join(HOME, 'lib/model/index.js'))
  },
  run: async (site, url) => {
    const { chain, lastBlock } = site
    const sql = postgres(url, { max: 1, onnotice: () => undefined })
    await sql.unsafe(TABLES)
    await sql.end()
    const [topic] = encodeEventTopics({ abi: pay402WinAbi, eventName: 'EntryPlaced' })
    return measure(site, { url, schema: 'public' }, () =>
      spawnChild(execPath, ['main.cjs'], {
        cwd: HOME,
        env: {
          ...process.env,
          DB_URL: url,
          RPC_URL: chain.anvil.url,
          GAME: chain.local.contract,
          FIRST_BLOCK: String(chain.local.startBlock),
          LAST_BLOCK: String(lastBlock),
          TOPIC: String(topic),
        },
        stdio: 'ignore',
      }),
    )
  },
}
