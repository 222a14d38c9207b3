import { readFile, rm } from 'node:fs/promises'
import { kill } from 'node:process'
import { fileURLToPath } from 'node:url'
import { waitFor } from '../../stack/process.ts'

/** What a process of ours holds, after it has collected its garbage. In bytes. */
export interface Usage {
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
}

const preload = fileURLToPath(new URL('memoryReport.ts', import.meta.url))

/** What a process needs in its environment so that `usageOf` can ask it. */
export const envOfUsage = (file: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--expose-gc --import ${preload}`,
  BENCH_MEMORY_FILE: file,
})

export const usageOf = async ({ pid }: { readonly pid: number }, file: string): Promise<Usage> => {
  await rm(file, { force: true })
  kill(pid, 'SIGUSR2')
  // A process under attack answers when it can.
  return waitFor('a reading', async () => JSON.parse(await readFile(file, 'utf8')) as Usage, {
    timeoutMs: 300_000,
  })
}

/** Bytes that JavaScript holds. */
export const held = ({ heapUsed, external }: Usage): number => heapUsed + external
