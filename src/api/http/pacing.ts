import {
  defaultFieldResolver,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql'
import type { Caller } from '../db/turns.ts'
import type { Pace } from '../pace.ts'

/** Of one operation: executes a long answer in parts. */
export interface Pacing {
  /** The items, each when it is its turn. */
  readonly items: <Item>(items: readonly Item[]) => Iterable<Item | Promise<Item>>
  /** What came, when it is its turn. */
  readonly value: <Value>(value: Value) => Value | Promise<Value>
  /** Calls back when nothing waits for its turn any more, so that one statement reads for all. */
  readonly whenAllCame: (run: () => void) => void
}

/** So many objects of an answer are not worth a pause. */
const SHORT = 100
/** So many have their turn together. */
const GROUP = 16

export const createPacing = (pace: Pace, caller: Caller): Pacing => {
  let objects = 0
  let waiting = 0
  let left: (() => void)[] = []
  let turn = Promise.resolve()
  let inTurn = GROUP

  /** Once all has been worked off that follows from the promises of now. */
  const settle = (run: () => void): void => {
    process.nextTick(() => {
      if (waiting === 0) run()
      else left.push(run)
    })
  }

  const wait = async () => {
    waiting += 1
    await pace.turn(caller)
    // The last group of all may have room left; whoever comes now has a turn of their own.
    inTurn = GROUP
    waiting -= 1
    if (waiting > 0) return
    const runs = left
    left = []
    for (const run of runs) settle(run)
  }

  const later = <Value>(value: Value): Promise<Value> => {
    if (inTurn >= GROUP) {
      turn = wait()
      inTurn = 0
    }
    inTurn += 1
    return turn.then(() => value)
  }

  return {
    *items(items) {
      for (const item of items) {
        objects += 1
        yield objects > SHORT && pace.isSpent() ? later(item) : item
      }
    },
    value: (value) => {
      objects += 1
      return objects > SHORT ? later(value) : value
    },
    whenAllCame: (run) => {
      void Promise.resolve().then(() => settle(run))
    },
  }
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value

/** What fails takes as long to be written down as what does not. */
const failed = (pacing: Pacing) => async (error: unknown) => {
  await pacing.value(undefined)
  throw error
}

const paced = new WeakSet<object>()

/**
 * Has every field that is an object, or a list of them, give way to others where an answer is long (`context.pacing`). Changes the schema,
 * and the types of introspection, which all schemas of a process share; without a context they answer as ever.
 */
export const paceAnswers = (schema: GraphQLSchema): GraphQLSchema => {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    for (const field of Object.values(type.getFields())) {
      if (isLeafType(getNamedType(field.type)) || paced.has(field)) continue
      paced.add(field)
      const resolve = field.resolve ?? defaultFieldResolver
      field.resolve = (source, args, context: { readonly pacing: Pacing } | undefined, info) => {
        const value: unknown = resolve(source, args, context, info)
        const pacing = context?.pacing
        if (pacing === undefined) return value
        const inParts = (found: unknown) => (Array.isArray(found) ? pacing.items(found) : found)
        return isPromise(value)
          ? value.then((found) => pacing.value(inParts(found)), failed(pacing))
          : inParts(value)
      }
    }
  }
  return schema
}
