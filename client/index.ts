export { keys, typePolicies } from './cache.ts'
export { FeedError } from './errors.ts'
export {
  createFeed,
  type Feed,
  type FeedOptions,
  type FeedStatus,
} from './feed.ts'
export { createFold, type Fold, type FoldOptions } from './fold.ts'
export type {
  FeedAppend,
  FeedEvent,
  FeedHead,
  FeedMessage,
  FeedUndo,
  FeedVariables,
} from './message.ts'
