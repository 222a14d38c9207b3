import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createInbox } from '../api/server/client.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/frontend.md'), 'utf8')
const ADDRESS = 'https://api.example/graphql'

/** The programs of docs/frontend.md, by the heading that they stand under. */
export const EXAMPLES: ReadonlyMap<string, string> = new Map(
  page
    .split(/^## /m)
    .flatMap((section) =>
      [...section.matchAll(/```ts\n(.*?)```/gs)].map(
        ([, text = '']) => [section.split('\n', 1)[0] ?? '', text] as const,
      ),
    ),
)

/** An example as it stands there, but for the address. */
export const exampleAt = (heading: string, url: string): string => {
  const text = EXAMPLES.get(heading)
  if (text?.includes(`'${ADDRESS}'`) !== true) throw new Error(`no example below ${heading}`)
  return text.replace(ADDRESS, url)
}

const writeExample = async (folder: string, heading: string, url: string) => {
  const file = join(folder, `${heading.replaceAll(/\W+/g, '-')}.ts`)
  await mkdir(folder, { recursive: true })
  await writeFile(file, exampleAt(heading, url))
  return file
}

/** What the compiler says of all examples, as pages compile them: strictly, and without Node's types. */
export const checkExamples = async (): Promise<string> => {
  const folder = join(root, '.data/test', `types-${process.pid}`)
  for (const heading of EXAMPLES.keys()) await writeExample(folder, heading, ADDRESS)
  const compilerOptions = {
    lib: ['ES2024', 'DOM'],
    types: [],
    exactOptionalPropertyTypes: false,
    noUnusedLocals: false,
  }
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions,
    include: ['.'],
    exclude: [],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  try {
    const compiler = spawn(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder])
    const [text] = await Promise.all([
      compiler.stdout.setEncoding('utf8').toArray(),
      once(compiler, 'exit'),
    ])
    return text.join('')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs an example as a program of its own below .data, where it finds this package by its name. */
export const runExample = async (heading: string, url: string) => {
  const folder = join(root, '.data/test', `examples-${process.pid}`)
  const file = await writeExample(folder, heading, url)
  const child = spawn(process.execPath, [file], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  const lines = createInbox<string>(30_000)
  const complaints: string[] = []
  createInterface({ input: child.stdout }).on('line', lines.put)
  child.stderr.on('data', (text) => complaints.push(String(text)))
  return {
    /** The next line that begins with a word. */
    next: async (word: string) => {
      for (;;) {
        const line = await lines.next().catch((error: Error) => {
          throw new Error([error.message, ...complaints].join('\n'))
        })
        if (line.startsWith(word)) return line
      }
    },
    complaints: () => complaints.join(''),
    stop: async () => {
      child.kill('SIGKILL')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}
