/**
 * Preloaded: one copy of graphql for Ponder, Yoga and what lies between them. It is Ponder's own, which all of them would
 * find in a project that has no other.
 */
import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

/** The folder of the copy that a module finds. */
const found = (by: string) => new URL('.', pathToFileURL(createRequire(by).resolve('graphql'))).href

const [other, own] = [found(import.meta.url), found(import.meta.resolve('ponder'))]
registerHooks({
  resolve: (name, context, next) => {
    const resolved = next(name, context)
    return { ...resolved, url: resolved.url.replace(other, own) }
  },
})
