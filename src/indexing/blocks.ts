import { insertBlock, type Log, type Store } from './store.ts'

export const block = (store: Store, { block: mined }: Pick<Log<never>, 'block'>) =>
  insertBlock(store, mined)
