import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const data = fileURLToPath(new URL('../../.data', import.meta.url))

export interface Ground {
  /** A folder of the run's own, below the project. */
  readonly folder: string
  /** What is to be stopped at the end, the newest first. */
  readonly later: (stop: () => Promise<unknown>) => void
}

/** Gives a benchmark a folder, and stops and removes all that it started, however it ends. */
export const onGround = async <Result>(
  name: string,
  run: (ground: Ground) => Promise<Result>,
): Promise<Result> => {
  const folder = join(data, `bench-${name}-${process.pid}`)
  await mkdir(folder, { recursive: true })
  const stops: (() => Promise<unknown>)[] = []
  try {
    return await run({ folder, later: (stop) => stops.push(stop) })
  } finally {
    for (const stop of stops.reverse()) await stop()
    await rm(folder, { recursive: true, force: true })
  }
}
