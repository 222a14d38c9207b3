import { hash } from 'node:crypto'
import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  type GraphQLField,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
  print,
  type SelectionSetNode,
  visit,
} from 'graphql'

/** The one field that a subscription asks for. */
export interface RootField {
  readonly field: GraphQLField<unknown, unknown>
  readonly node: FieldNode
  /** Its arguments as a resolver gets them. */
  readonly values: Readonly<Record<string, unknown>>
}

const findField = (
  document: DocumentNode,
  { selections }: SelectionSetNode,
): FieldNode | undefined => {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) return selection
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? selection
        : document.definitions.find(
            (definition) =>
              definition.kind === Kind.FRAGMENT_DEFINITION &&
              definition.name.value === selection.name.value,
          )
    const found =
      inner !== undefined && 'selectionSet' in inner && inner.selectionSet !== undefined
        ? findField(document, inner.selectionSet)
        : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** How many mistakes in the variables of an operation are reported. */
const MOST_MISTAKES = 20

type Coerced = ReturnType<typeof getVariableValues>

const coerced = new WeakMap<ExecutionArgs, Coerced>()

/** The operation's variables as resolvers get them, with their defaults; computed once for the same arguments. */
export const coerceVariables = (args: ExecutionArgs): Coerced => {
  const known = coerced.get(args)
  if (known !== undefined) return known
  const { schema, document, operationName, variableValues } = args
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? []
  const values = getVariableValues(schema, definitions, variableValues ?? {}, {
    maxErrors: MOST_MISTAKES,
  })
  coerced.set(args, values)
  return values
}

/** The coerced values. @throws Error when there are mistakes: whoever refuses them has to look first */
const valuesOf = (args: ExecutionArgs): Readonly<Record<string, unknown>> => {
  const { coerced: values } = coerceVariables(args)
  if (values === undefined) throw new Error('The variables of this operation are mistaken')
  return values
}

/** The field of a valid subscription; undefined for anything else. */
export const rootFieldOf = (args: ExecutionArgs): RootField | undefined => {
  const { schema, document, operationName } = args
  const operation = getOperationAST(document, operationName)
  const type = schema.getSubscriptionType()
  if (!operation || !type) return undefined
  const node = findField(document, operation.selectionSet)
  const field = node === undefined ? undefined : type.getFields()[node.name.value]
  if (node === undefined || field === undefined) return undefined
  return { field, node, values: getArgumentValues(field, node, valuesOf(args)) }
}

const digest = (text: string): string => hash('sha256', text, 'base64url')

/** Values as text that is equal for equal values: keys in order, whole numbers of any size. */
const canonical = (values: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(values, (_, value: unknown) => {
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(
      Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)),
    )
  })

const texts = new WeakMap<DocumentNode, string>()

/** Stands for a document's text without its spaces and comments. */
const textOf = (document: DocumentNode): string => {
  const text = texts.get(document) ?? digest(print(document))
  texts.set(document, text)
  return text
}

/**
 * Equal for operations whose text is equal and whose variables mean the same: a default and the value that is equal to it, a number
 * and its text. What the operation does not declare has no part in it. Of a fixed length.
 */
export const operationKey = (args: ExecutionArgs): string =>
  digest(
    JSON.stringify([textOf(args.document), args.operationName ?? null, canonical(valuesOf(args))]),
  )

/**
 * Equal for operations that differ in nothing but these arguments of the field. Variables that only those arguments use do
 * not count.
 */
export const operationKeyWithout = (
  args: ExecutionArgs,
  { node }: RootField,
  ignored: readonly string[],
): string => {
  const isIgnored = (name: string) => ignored.includes(name)
  const document = visit(args.document, {
    Field: (field) =>
      field === node
        ? {
            ...field,
            arguments: field.arguments?.filter(({ name }) => !isIgnored(name.value)) ?? [],
          }
        : undefined,
    VariableDefinition: () => null,
  })
  const used = new Set<string>()
  visit(document, { Variable: ({ name }) => void used.add(name.value) })
  const variables = Object.entries(valuesOf(args)).filter(([name]) => used.has(name))
  return digest(
    JSON.stringify([
      print(document),
      args.operationName ?? null,
      canonical(Object.fromEntries(variables)),
    ]),
  )
}

/** The operation as the server keeps it: nothing of the one who asked first stays with it. */
export const anonymous = ({
  schema,
  document,
  operationName,
  variableValues,
}: ExecutionArgs): ExecutionArgs => ({
  schema,
  document,
  operationName: operationName ?? null,
  variableValues: variableValues ?? {},
})
