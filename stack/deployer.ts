import {
  type Abi,
  type Account,
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  type TransactionReceipt,
} from 'viem'

/** An account that sets a local chain up. Each step waits for its block and throws when it failed. */
export interface Deployer {
  readonly account: Account
  chainId(): Promise<number>
  create(abi: Abi, bytecode: Hex, args?: readonly unknown[]): Promise<TransactionReceipt>
  call(
    to: Hex,
    abi: Abi,
    functionName: string,
    args?: readonly unknown[],
    value?: bigint,
  ): Promise<TransactionReceipt>
}

export interface DeployerOptions {
  readonly rpcUrl: string
  /** Asked for a block after each step, on a chain that mines only when asked. */
  readonly mine?: () => Promise<void>
}

/** The address of the contract that a transaction created, in lower case. */
export const createdBy = ({ contractAddress, transactionHash }: TransactionReceipt): Hex => {
  if (contractAddress == null) throw new Error(`no contract was created in ${transactionHash}`)
  return contractAddress.toLowerCase() as Hex
}

export const createDeployer = (
  { rpcUrl, mine = async () => undefined }: DeployerOptions,
  account: Account,
): Deployer => {
  const transport = http(rpcUrl)
  const reader = createPublicClient({ transport, pollingInterval: 50, cacheTime: 0 })
  const wallet = createWalletClient({ account, transport })
  const mined = async (hash: Hex) => {
    await mine()
    const receipt = await reader.waitForTransactionReceipt({ hash })
    if (receipt.status !== 'success') throw new Error(`deployment failed in ${hash}`)
    return receipt
  }
  return {
    account,
    chainId: () => reader.getChainId(),
    create: async (abi, bytecode, args = []) =>
      mined(await wallet.deployContract({ chain: null, abi, bytecode, args })),
    call: async (address, abi, functionName, args = [], value = 0n) =>
      mined(await wallet.writeContract({ chain: null, address, abi, functionName, args, value })),
  }
}
