/**
 * Compiles contracts/ from node_modules and writes what the rest of the project uses: `abis/*.ts` and
 * `contracts/bytecode/*.ts`. With `--check` it writes nothing and fails when a committed file differs.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { argv, exit, stderr } from 'node:process'
import { fileURLToPath } from 'node:url'

interface AbiItem {
  readonly type: string
  readonly name?: string
}
interface Artifact {
  readonly abi: readonly AbiItem[]
  readonly evm: {
    readonly bytecode: { readonly object: string }
    readonly deployedBytecode: { readonly object: string }
  }
}
interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, Artifact>>>>
}
interface Solc {
  compile(
    input: string,
    callbacks: { import(path: string): { contents: string } | { error: string } },
  ): string
}

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('..', import.meta.url))
const CHAINLINK = '@chainlink/contracts/src/v0.8/vrf'
/** EIP-170. */
const MAX_BYTES = 24_576

const read = (path: string) => {
  for (const file of [`${root}${path}`, `${root}node_modules/${path}`])
    if (existsSync(file)) return { contents: readFileSync(file, 'utf8') }
  return { error: `${path} is neither in contracts/ nor in node_modules/` }
}

const compile = (compiler: string, files: readonly string[], settings: object) => {
  const solc: Solc = require(compiler)
  const sources = Object.fromEntries(
    files.map((file) => {
      const source = read(file)
      if ('error' in source) throw new Error(source.error)
      return [file, { content: source.contents }]
    }),
  )
  // Not of what they import: that is a fifth of the time.
  const parts = ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object']
  const outputSelection = Object.fromEntries(files.map((file) => [file, { '*': parts }]))
  const input = { language: 'Solidity', sources, settings: { ...settings, outputSelection } }
  const output: Output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }))
  const errors = output.errors?.filter(({ severity }) => severity === 'error') ?? []
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join('\n'))
  return (file: string, name: string): Artifact => {
    const artifact = output.contracts?.[file]?.[name]
    if (artifact === undefined) throw new Error(`${file} has no contract ${name}`)
    if (artifact.evm.deployedBytecode.object.length / 2 > MAX_BYTES)
      throw new Error(`${name} is larger than ${MAX_BYTES} bytes`)
    return artifact
  }
}

const camel = (name: string) => name.charAt(0).toLowerCase() + name.slice(1)

const abiFile = (name: string, abi: readonly AbiItem[]) =>
  `export const ${camel(name)}Abi = ${JSON.stringify(abi, null, 2)} as const\n`

const bytecodeFile = (name: string, { evm }: Artifact) =>
  `export const ${camel(name)}Bytecode =\n  '0x${evm.bytecode.object}' as const\n`

/** Every generated file by its path. Pure but for reading sources: the drift test calls it too. */
export const build = (): ReadonlyMap<string, string> => {
  const files = new Map<string, string>()
  const own = {
    Pay402Win: 'contracts/Pay402Win.sol',
    LocalDollar: 'contracts/local/LocalDollar.sol',
    LocalOdd: 'contracts/local/LocalOdd.sol',
    RejectingPlayer: 'contracts/test/Players.sol',
    CostlyPlayer: 'contracts/test/Players.sol',
    CarefulPlayer: 'contracts/test/Players.sol',
    ReenteringPlayer: 'contracts/test/Players.sol',
    Wallet: 'contracts/test/Players.sol',
    Multicaller: 'contracts/test/Players.sol',
    OddToken: 'contracts/test/Tokens.sol',
    OldToken: 'contracts/test/Tokens.sol',
    MuteToken: 'contracts/test/Tokens.sol',
  }
  const current = compile('solc', [...new Set(Object.values(own))], {
    viaIR: true,
    evmVersion: 'cancun',
    optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: 'none' },
  })
  const add = (name: string, artifact: Artifact) => {
    files.set(`abis/${name}.ts`, abiFile(name, artifact.abi))
    files.set(`contracts/bytecode/${name}.ts`, bytecodeFile(name, artifact))
    return artifact
  }
  for (const [name, file] of Object.entries(own)) add(name, current(file, name))

  const real = `${CHAINLINK}/dev/VRFCoordinatorV2_5.sol`
  const mock = `${CHAINLINK}/mocks/VRFCoordinatorV2_5Mock.sol`
  const chainlink = compile('solc-0.8.19', [real, mock], {
    optimizer: { enabled: true, runs: 200 },
  })
  const coordinator = add('VrfCoordinatorV2_5', chainlink(real, 'VRFCoordinatorV2_5'))
  add('VrfCoordinatorMock', chainlink(mock, 'VRFCoordinatorV2_5Mock'))

  const events = (abi: readonly AbiItem[], names: readonly string[]) =>
    abi.filter(({ type, name }) => type === 'event' && names.includes(name ?? ''))
  files.set(
    'abis/VrfCoordinator.ts',
    abiFile(
      'VrfCoordinator',
      events(coordinator.abi, ['RandomWordsRequested', 'RandomWordsFulfilled']),
    ),
  )
  files.set(
    'abis/PaymentToken.ts',
    abiFile(
      'PaymentToken',
      events(current('contracts/local/LocalDollar.sol', 'LocalDollar').abi, [
        'Transfer',
        'AuthorizationUsed',
        'AuthorizationCanceled',
      ]),
    ),
  )
  return files
}

if (import.meta.main) {
  const isCheck = argv.includes('--check')
  const files = build()
  for (const folder of ['abis', 'contracts/bytecode'])
    mkdirSync(`${root}${folder}`, { recursive: true })
  const drifted = [...files].filter(([path, content]) => {
    const file = `${root}${path}`
    return !existsSync(file) || readFileSync(file, 'utf8') !== content
  })
  if (isCheck && drifted.length > 0) {
    stderr.write(`Out of date, run npm run abis: ${drifted.map(([path]) => path).join(', ')}\n`)
    exit(1)
  }
  for (const [path, content] of isCheck ? [] : drifted) writeFileSync(`${root}${path}`, content)
}
