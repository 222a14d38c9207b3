import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const project = (name: string, testTimeout: number, fileParallelism = true) => ({
  // Node's choice: otherwise the tests get graphql's module build and its users the other one.
  resolve: {
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }],
  },
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: Math.max(testTimeout, 60_000),
    fileParallelism,
    maxConcurrency: 2,
  },
})

export default defineConfig({
  test: {
    projects: [
      project('domain', 20_000),
      project('contracts', 60_000),
      project('indexing', 90_000),
      project('api', 60_000),
      project('simulator', 60_000),
      project('audit', 240_000, false),
      project('e2e', 240_000, false),
    ],
  },
})
