import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** By name, those whose files take longest first, with the time limit of a test in ms. */
const PROJECTS = {
  e2e: 240_000,
  indexing: 90_000,
  audit: 240_000,
  simulator: 60_000,
  export: 60_000,
  contracts: 60_000,
  client: 60_000,
  rpc: 20_000,
  api: 60_000,
  domain: 20_000,
}

/** Hundreds of processes load the same modules: what Node makes of one is kept. */
env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('.data/compiled', import.meta.url))

const NAMES = Object.keys(PROJECTS)

/** Long files come first, so that no worker is left alone with one at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ project }: TestSpecification) => NAMES.indexOf(project.name)
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other))
  }
}

const project = (name: string, testTimeout: number) => ({
  // Node's choice: otherwise the tests get graphql's module build and its users the other one.
  resolve: {
    alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }],
  },
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: Math.max(testTimeout, 60_000),
    maxConcurrency: 2,
  },
})

export default defineConfig({
  test: {
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: Object.entries(PROJECTS).map(([name, testTimeout]) => project(name, testTimeout)),
  },
})
