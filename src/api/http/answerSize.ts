import {
  defaultFieldResolver,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql'

/** Of one answer, while it is made. */
export interface AnswerSize {
  readonly count: (bytes: number) => void
  /** Nobody will be sent it. */
  readonly isTooLong: () => boolean
}

export const createAnswerSize = (mostBytes: number): AnswerSize => {
  let bytes = 0
  return {
    count: (more) => {
      bytes += more
    },
    isTooLong: () => bytes > mostBytes,
  }
}

/** Quotes, a colon and a comma around a field's name; as much as most numbers and names take. */
const FRAME = 4
const SHORT = 16
/** Shorter texts hardly grow when they are written. */
const LONG = 200

/** What a value takes at least when it is written. */
const sizeOf = (value: unknown): number => {
  if (typeof value === 'string')
    return (value.length > LONG ? JSON.stringify(value).length : value.length) + 2
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item) + 1, 2)
  return SHORT
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value

const counting = new WeakSet<GraphQLSchema>()

/**
 * Has every field of the schema count what it adds to its answer (`context.size`), so that an answer that is too long is noticed before
 * it is written. Changes the schema.
 */
export const countAnswers = (schema: GraphQLSchema): GraphQLSchema => {
  if (counting.has(schema)) return schema
  counting.add(schema)
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const resolve = field.resolve ?? defaultFieldResolver
      const isLeaf = isLeafType(getNamedType(field.type))
      field.resolve = (source, args, context: { readonly size: AnswerSize }, info) => {
        const { size } = context
        size.count(String(info.path.key).length + FRAME)
        // What is made for this answer alone is not made any more.
        if (isLeaf && size.isTooLong()) return null
        const value: unknown = resolve(source, args, context, info)
        if (!isLeaf) return value
        if (!isPromise(value)) {
          size.count(sizeOf(value))
          return value
        }
        return value.then((found) => {
          size.count(sizeOf(found))
          return found
        })
      }
    }
  }
  return schema
}
