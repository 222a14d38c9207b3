import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** `isAlone`: its tests start whole stacks, one after the other, after those of the other projects. */
const project = (name: string, testTimeout: number, isAlone = false) => ({
  // Node's choice: otherwise the tests get graphql's module build and its users the other one.
  resolve: {
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }],
  },
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: Math.max(testTimeout, 60_000),
    maxWorkers: isAlone ? 1 : 2,
    maxConcurrency: 2,
    sequence: { groupOrder: isAlone ? 1 : 0 },
  },
})

export default defineConfig({
  test: {
    projects: [
      project('domain', 20_000),
      project('rpc', 20_000),
      project('contracts', 60_000),
      project('indexing', 90_000),
      project('api', 60_000),
      project('client', 60_000),
      project('export', 60_000),
      project('simulator', 60_000),
      project('audit', 240_000, true),
      project('e2e', 240_000, true),
    ],
  },
})
