/**
 * What a log never contains: keys in the addresses of nodes (their path, query and user), passwords of databases, API keys. What is
 * secret is known from the environment; what looks like a credential is taken out as well.
 */

type Environment = Readonly<Record<string, string | undefined>>

const HIDDEN = '***'
/** Shorter ones are hidden only where they stand in an address. */
const SHORTEST = 4
const ADDRESS = /[a-z][a-z0-9+.-]*:\/\/[^\s,"'<>]+/gi

/** A part of an address as it is written, and as it is meant. */
const forms = (text: string): readonly string[] => {
  try {
    return [text, decodeURIComponent(text)]
  } catch {
    return [text]
  }
}

/** A part of a path that is no word: a key, or a piece of one. */
const isKey = (part: string) => part.length >= 12 || (part.length >= 8 && /\d/.test(part))

const ofAddress = (text: string): readonly string[] => {
  if (!URL.canParse(text)) return []
  const { password, username, pathname, search, searchParams, protocol } = new URL(text)
  if (/^postgres(ql)?:$/.test(protocol))
    return [...forms(password), searchParams.get('password') ?? '']
  if (!/^(https?|wss?):$/.test(protocol)) return []
  return [
    ...[password, search.slice(1), ...searchParams.values()].flatMap(forms),
    ...[username, ...pathname.split('/')].filter(isKey).flatMap(forms),
    ...(isKey(pathname) ? [`${pathname}${search}`, pathname].map((path) => path.slice(1)) : []),
  ]
}

/** The secrets of an environment, the longest first. */
const secretsOf = (env: Environment): readonly string[] => {
  const all = Object.entries(env).flatMap(([name, value = '']) => [
    ...(value.match(ADDRESS) ?? []).flatMap((address) => ofAddress(address)),
    ...(/^PGPASSWORD$|_(KEY|SECRET|PASSWORD|TOKEN)$/.test(name) ? [value] : []),
  ])
  const unique = new Set(all.filter((secret) => secret.length >= SHORTEST))
  return [...unique].sort((a, b) => b.length - a.length)
}

/** Takes the secrets of an environment out of a text. */
export const createRedact = (env: Environment): ((text: string) => string) => {
  const secrets = secretsOf(env)
  return (text) =>
    secrets
      .reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text)
      .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']*@/gi, `$1${HIDDEN}@`)
      .replaceAll(/\bp402_([0-9A-Za-z]{8})_[0-9A-Za-z]{43}/g, `p402_$1_${HIDDEN}`)
      .replaceAll(/(bearer +)[\w.~+/-]{8,}=*/gi, `$1${HIDDEN}`)
}
