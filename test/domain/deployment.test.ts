import { describe, expect, it } from 'vitest'
import { parseDeployments } from '../../src/domain/Deployment.ts'
import { ConfigError } from '../../src/domain/errors.ts'

const ADDRESS = '0xAbCdEf0123456789aBcDeF0123456789abcdef01'
const deployment = {
  chainId: 8453,
  name: 'base',
  address: ADDRESS,
  startBlock: 12,
  coordinator: ADDRESS,
  tokens: [ADDRESS],
}

const mistakesOf = (text: string | undefined): readonly string[] => {
  try {
    parseDeployments(text)
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
  return []
}

describe('parseDeployments', () => {
  it('reads a deployment, addresses in lower case, names filled in', () => {
    expect(parseDeployments(JSON.stringify([deployment]))).toEqual([
      {
        ...deployment,
        address: ADDRESS.toLowerCase(),
        coordinator: ADDRESS.toLowerCase(),
        tokens: [ADDRESS.toLowerCase()],
        nativeSymbol: 'ETH',
        nativeName: 'Ether',
      },
    ])
  })

  it('keeps what is optional, without the slash that ends an explorer address', () => {
    const [parsed] = parseDeployments(
      JSON.stringify([
        {
          ...deployment,
          subscriptionId: '7',
          nativeSymbol: 'POL',
          explorerUrl: 'https://scan.example/',
        },
      ]),
    )
    expect(parsed).toMatchObject({
      subscriptionId: 7n,
      nativeSymbol: 'POL',
      explorerUrl: 'https://scan.example',
    })
  })

  it.each([
    ['absent', undefined, 'DEPLOYMENTS should be a JSON array of'],
    ['no JSON', '[{', 'DEPLOYMENTS should be JSON'],
    ['no array', '{}', 'at least one deployment'],
    ['empty', '[]', 'at least one deployment'],
    ['no object', '[1]', 'DEPLOYMENTS[0] should be an object'],
    [
      'a short address',
      JSON.stringify([{ ...deployment, address: '0x12' }]),
      'DEPLOYMENTS[0].address',
    ],
    [
      'a negative block',
      JSON.stringify([{ ...deployment, startBlock: -1 }]),
      'DEPLOYMENTS[0].startBlock',
    ],
    ['a wrong token', JSON.stringify([{ ...deployment, tokens: ['x'] }]), 'DEPLOYMENTS[0].tokens'],
    [
      'a chain twice',
      JSON.stringify([deployment, { ...deployment, name: 'b' }]),
      'each chainId once',
    ],
  ])('names the mistake: %s', (_, text, expected) => {
    expect(mistakesOf(text).join('\n')).toContain(expected)
  })

  it('names all mistakes at once', () => {
    expect(mistakesOf('[{}]')).toHaveLength(6)
  })
})
