import { performance } from 'node:perf_hooks'
import { stderr } from 'node:process'
import type { Progress } from './exportTable.ts'

const BETWEEN_MS = 1000

const lineOf = ({ rows, share }: Progress, perSecond: number) =>
  `${rows.toLocaleString('en')} rows, ${(share * 100).toFixed(1)} % of the blocks, ${Math.round(perSecond).toLocaleString('en')} rows/s`

/** Tells people how far an export is, about once a second and at the end. */
export const createProgress = () => {
  const began = performance.now()
  let told = Number.NEGATIVE_INFINITY
  let before: number | undefined
  return {
    seconds: () => (performance.now() - began) / 1000,
    tell: (progress: Progress) => {
      const now = performance.now()
      before ??= progress.rows
      if (now - told < BETWEEN_MS && progress.share < 1) return
      told = now
      const perSecond = (progress.rows - before) / Math.max(0.001, (now - began) / 1000)
      const line = lineOf(progress, perSecond)
      const end = progress.share < 1 ? '' : '\n'
      stderr.write(stderr.isTTY ? `\r${line.padEnd(70)}${end}` : `${line}\n`)
    },
  }
}
