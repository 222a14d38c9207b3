import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, spawnChild } from '../../stack/process.ts'

/** Where a rival's packages and all that it writes are: git does not look there. */
export const homeOf = (name: string) =>
  join(fileURLToPath(new URL('../peers', import.meta.url)), name)

/** A file beside the programs of the rivals. */
export const rivalFile = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** @throws when the program ends with anything but 0. */
export const ended = async (what: string, child: Child) => {
  const { code } = await child.exited
  if (code !== 0) throw new Error(`${what} ended with ${code}`)
}

/** Puts packages into a folder, unless these very ones are there. */
export const install = async (folder: string, packages: readonly string[]) => {
  const manifest = join(folder, 'package.json')
  const { dependencies = {} } = JSON.parse(await readFile(manifest, 'utf8').catch(() => '{}'))
  const isThere = (one: string) => {
    const at = one.lastIndexOf('@')
    return dependencies[one.slice(0, at)] === one.slice(at + 1)
  }
  if (packages.every(isThere)) return
  await mkdir(dirname(manifest), { recursive: true })
  await writeFile(manifest, '{ "private": true, "type": "commonjs" }\n')
  const npm = await spawnChild('npm', ['install', '--no-audit', '--no-fund', '-E', ...packages], {
    cwd: folder,
    stdio: 'ignore',
  })
  await ended(`npm install ${packages.join(' ')}`, npm)
}
