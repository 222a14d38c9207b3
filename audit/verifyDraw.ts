/** `npm run verify-draw`: a draw done again from the chain alone. */
import { argv, env, exit, stderr, stdout } from 'node:process'
import { parseArgs } from 'node:util'
import { BaseError, type Hex, isAddress } from 'viem'
import { redact, redactCrashes } from '../log/log.ts'
import { type RpcSettings, readRpcSettings } from '../rpc/settings.ts'
import { parseDeployments } from '../src/domain/Deployment.ts'
import { type Check, checks, isVerified } from '../src/domain/Draw.ts'
import { ConfigError } from '../src/domain/errors.ts'
import { createClient } from './client.ts'
import { columns } from './columns.ts'
import { NoDrawError, readDraw } from './readDraw.ts'

const HELP = `npm run verify-draw -- POOL ROUND [flags]     does a draw again, from the chain alone

  --rpc URL          a node of the chain (RPC_URL, or RPC_URL_<chainId> of the first of DEPLOYMENTS)
  --contract 0x…     the game's contract (of DEPLOYMENTS, the one on the node's chain)
  --from-block N     its first block (that of DEPLOYMENTS, or 0)
  --json             one JSON document: the facts and the checks
  --help             this

Ends with 0 when every check that applies has passed, 1 when one has failed, 2 when there is nothing to check.
`

const read = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rpc: { type: 'string' },
        contract: { type: 'string' },
        'from-block': { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new ConfigError([`${error instanceof Error ? error.message : String(error)}; see --help`])
  }
}

const COUNT = /^\d{1,78}$/

/** `--rpc`, RPC_URL, or the address of the first deployment that has one; the other RPC_ variables say how it is asked. */
const readRpc = (rpc: string | undefined, mistakes: string[]): RpcSettings | undefined => {
  const plain = readRpcSettings({ ...env, ...(rpc && { RPC_URL: rpc }) }, 0, true, mistakes)
  if (plain !== undefined || (env.DEPLOYMENTS ?? '') === '') return plain
  const deployments = parseDeployments(env.DEPLOYMENTS)
  return deployments
    .map(({ chainId }) => readRpcSettings(env, chainId, deployments.length === 1, mistakes))
    .find((settings) => settings !== undefined)
}

const parse = (args: readonly string[]) => {
  const { values, positionals } = read(args)
  const [pool = '', round = ''] = positionals
  const { contract, 'from-block': fromBlock = '' } = values
  const mistakes: string[] = []
  let rpc: RpcSettings | undefined
  if (values.help !== true) {
    if (positionals.length !== 2 || !COUNT.test(pool) || !COUNT.test(round))
      mistakes.push('POOL and ROUND should be two whole numbers')
    rpc = readRpc(values.rpc, mistakes)
    if (rpc === undefined)
      mistakes.push('--rpc, or RPC_URL, should be the http(s) address of a JSON-RPC endpoint')
    if (contract !== undefined && !isAddress(contract, { strict: false }))
      mistakes.push('--contract should be 20 bytes of 0x hex')
    if (fromBlock !== '' && !COUNT.test(fromBlock))
      mistakes.push('--from-block should be a whole number')
    if (contract === undefined && (env.DEPLOYMENTS ?? '') === '')
      mistakes.push('--contract, or DEPLOYMENTS, should say which contract it is')
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return {
    ...{ pool, round, rpc, contract: contract as Hex | undefined, fromBlock },
    isJson: values.json === true,
    isHelp: values.help === true,
  }
}
type Options = ReturnType<typeof parse>

/** Where the contract is, by the flags or by DEPLOYMENTS. */
const locate = (chainId: number, { contract, fromBlock }: Options) => {
  const from = BigInt(fromBlock === '' ? 0 : fromBlock)
  if (contract !== undefined) return { chainId, contract, fromBlock: from }
  const deployment = parseDeployments(env.DEPLOYMENTS).find((each) => each.chainId === chainId)
  if (deployment === undefined)
    throw new ConfigError([`DEPLOYMENTS should name a contract on chain ${chainId}, the node's`])
  const { address, startBlock } = deployment
  return { chainId, contract: address, fromBlock: fromBlock === '' ? BigInt(startBlock) : from }
}

const shorten = (text: string | null) =>
  text === null ? '–' : text.length > 34 ? `${text.slice(0, 16)}…${text.slice(-16)}` : text

const table = (results: readonly Check[]) => {
  const lines = columns([
    ['check', 'result', 'expected', 'actual'],
    ...results.map(({ name, result, expected, actual }) => [
      ...[name, result, shorten(expected), shorten(actual)],
    ]),
  ])
  const notes = results
    .filter(({ result }) => result !== 'PASSED')
    .map(
      ({ name, explanation, expected, actual }) =>
        `${name}: ${explanation}\n  expected ${expected ?? '–'}\n  actual   ${actual ?? '–'}`,
    )
  return [lines, ...notes.map((note) => `\n${note}`)].join('\n')
}

const asText = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)

const run = async (options: Options): Promise<number> => {
  const rpc = options.rpc ?? ''
  const chainId = await createClient(rpc).getChainId()
  const client = createClient(rpc, { chainId })
  const place = {
    ...locate(chainId, options),
    ...{ poolId: BigInt(options.pool), roundId: BigInt(options.round) },
  }
  const facts = await readDraw(client, place)
  const results = checks(facts)
  const verified = isVerified(results)
  const isFailed = results.some(({ result }) => result === 'FAILED')
  const { contract, poolId, roundId } = place
  if (options.isJson) {
    const document = {
      chainId,
      contract,
      poolId,
      roundId,
      isVerified: verified,
      checks: results,
      facts,
    }
    stdout.write(`${JSON.stringify(document, asText, 2)}\n`)
  } else {
    const number = facts.drawn?.winningNumber
    stdout.write(
      `Round ${roundId} of pool ${poolId}, contract ${contract} on chain ${chainId}\n\n${table(results)}\n\n`,
    )
    stdout.write(
      verified
        ? `The draw of number ${number} is verified.\n`
        : isFailed
          ? 'The draw is NOT verified.\n'
          : 'The round is not drawn yet.\n',
    )
  }
  return verified ? 0 : isFailed ? 1 : 2
}

const main = async (): Promise<number> => {
  try {
    const options = parse(argv.slice(2))
    if (!options.isHelp) return await run(options)
    stdout.write(HELP)
    return 0
  } catch (error) {
    const isOurs = error instanceof ConfigError || error instanceof NoDrawError
    if (!isOurs && !(error instanceof BaseError)) throw error
    const text =
      error instanceof BaseError
        ? [error.shortMessage, error.details].filter(Boolean).join(' ')
        : error.message
    stderr.write(redact(`${text}\n`))
    return 2
  }
}

redactCrashes()
exit(await main())
