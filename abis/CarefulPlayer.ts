export const carefulPlayerAbi = [
  {
    "stateMutability": "payable",
    "type": "receive"
  }
] as const
