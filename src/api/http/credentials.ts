import { isRecord } from './params.ts'

/** The payload of `connection_init`. */
type Init = Readonly<Record<string, unknown>> | undefined

const isAuthorization = (name: string) => name.toLowerCase() === 'authorization'

const authorizations = (init: Init) =>
  Object.entries(init ?? {}).filter(([name]) => isAuthorization(name))

/** What the payload gives as `authorization`, in small letters or capitals as in a header; undefined when it gives nothing. */
export const authorizationIn = (init: Init): unknown => authorizations(init)[0]?.[1] ?? undefined

const KEY = /\bp402_/

/** Whether the payload has a key, or an authorization, that nobody would read: its client believes that it is known. */
export const hasStrayCredentials = (init: Init): boolean => {
  const [first, ...others] = authorizations(init)
  if (others.length > 0) return true
  const waiting: unknown[] = Object.entries(init ?? {})
    .filter(([name]) => name !== first?.[0])
    .map(([, value]) => value)
  while (waiting.length > 0) {
    const value = waiting.pop()
    if (typeof value === 'string' && KEY.test(value)) return true
    if (isRecord(value) && Object.keys(value).some(isAuthorization)) return true
    if (typeof value === 'object' && value !== null)
      for (const inner of Object.values(value)) waiting.push(inner)
  }
  return false
}
