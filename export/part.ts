import { open, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { z } from 'zod'

/** What has been written of a file that is not whole yet: `FILE.part`, and `FILE.part.json` which says how far it goes. */

const key = z.object({ blockNumber: z.number(), logIndex: z.number() })

const state = z.object({
  /** What was asked for. Another export never goes on with this part. */
  asked: z.object({
    dataset: z.string(),
    format: z.string(),
    at: z.union([z.number(), z.literal('finalized')]),
    chainId: z.number().nullable(),
    columns: z.string(),
  }),
  pin: z.object({ chainId: z.number(), number: z.number(), hash: z.string() }),
  /** Where the next rows follow; null at the beginning, and when `isRead`. */
  after: key.nullable(),
  /** No row is missing. */
  isRead: z.boolean(),
  bytes: z.number(),
  rows: z.number(),
})

export type PartState = z.infer<typeof state>

export const partOf = (file: string) => `${file}.part`
/** A Parquet file, while it is made from the rows of its part. */
export const wholeOf = (file: string) => `${file}.part.parquet`
const stateOf = (file: string) => `${file}.part.json`
const nextStateOf = (file: string) => `${file}.part.json.new`

const ifThere = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

const parse = (text: string): PartState | undefined => {
  try {
    return state.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** How far a part goes; undefined when there is none, or less than its state says. */
export const readPart = async (file: string): Promise<PartState | undefined> => {
  const text = await ifThere(readFile(stateOf(file), 'utf8'))
  const part = await ifThere(stat(partOf(file)))
  const found = text === undefined ? undefined : parse(text)
  return found !== undefined && part !== undefined && part.size >= found.bytes ? found : undefined
}

/** Removes all but the whole file. */
export const removePart = async (file: string): Promise<void> => {
  for (const path of [stateOf(file), nextStateOf(file), partOf(file), wholeOf(file)])
    await rm(path, { force: true })
}

export interface Part {
  /** Adds text, then says how far the rows go with it. */
  readonly add: (
    text: string,
    reached: Pick<PartState, 'after' | 'isRead' | 'rows'>,
  ) => Promise<void>
  readonly state: () => PartState
  readonly close: () => Promise<void>
}

/** Goes on behind what the state tells, and forgets what a killed process wrote beyond it. */
export const openPart = async (file: string, from: PartState): Promise<Part> => {
  const handle = await open(partOf(file), 'a')
  let current = from
  await truncate(partOf(file), from.bytes)
  return {
    state: () => current,
    add: async (text, reached) => {
      await handle.appendFile(text)
      current = { ...current, ...reached, bytes: current.bytes + Buffer.byteLength(text) }
      // Never half a state: the old one, or the new one.
      await writeFile(nextStateOf(file), JSON.stringify(current))
      await rename(nextStateOf(file), stateOf(file))
    },
    close: async () => {
      await handle.sync()
      await handle.close()
    },
  }
}
