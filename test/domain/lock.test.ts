import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

interface Entry {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
}

test('every package of the lock, of every platform, is held to its hash and to no registry', async () => {
  const text = await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8')
  const { packages }: { packages: Readonly<Record<string, Entry>> } = JSON.parse(text)
  const others = Object.entries(packages).filter(([path]) => path !== '')
  expect(others.length).toBeGreaterThan(500)
  const loose = others.filter(([, { integrity = '', resolved, link }]) => {
    return !link && (!/^sha512-[\w+/]{86}==$/.test(integrity) || resolved !== undefined)
  })
  expect(loose.map(([path]) => path)).toEqual([])
})
