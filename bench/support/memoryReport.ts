/** Preloaded into a server that is measured: on SIGUSR2 it collects garbage and writes what is left to BENCH_MEMORY_FILE. */
import { writeFileSync } from 'node:fs'

process.on('SIGUSR2', () => {
  const { gc } = globalThis
  gc?.()
  gc?.()
  writeFileSync(process.env.BENCH_MEMORY_FILE ?? '', JSON.stringify(process.memoryUsage()))
})
