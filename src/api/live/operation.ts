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

/** The field of a valid subscription; undefined for anything else. */
export const rootFieldOf = (args: ExecutionArgs): RootField | undefined => {
  const { schema, document, operationName, variableValues } = args
  const operation = getOperationAST(document, operationName)
  const type = schema.getSubscriptionType()
  if (!operation || !type) return undefined
  const node = findField(document, operation.selectionSet)
  const field = node === undefined ? undefined : type.getFields()[node.name.value]
  if (node === undefined || field === undefined) return undefined
  const { coerced } = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    variableValues ?? {},
  )
  return { field, node, values: getArgumentValues(field, node, coerced ?? {}) }
}

/** The same object with its keys in order, so that equal variables are equal text. */
const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, ordered(inner)]),
  )
}

const texts = new WeakMap<DocumentNode, string>()

const textOf = (document: DocumentNode): string => {
  const text = texts.get(document) ?? print(document)
  texts.set(document, text)
  return text
}

/** Equal for operations whose text and variables are equal. */
export const operationKey = ({ document, operationName, variableValues }: ExecutionArgs): string =>
  JSON.stringify([textOf(document), operationName ?? null, ordered(variableValues ?? {})])

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
  const variables = Object.entries(args.variableValues ?? {}).filter(([name]) => used.has(name))
  return JSON.stringify([
    print(document),
    args.operationName ?? null,
    ordered(Object.fromEntries(variables)),
  ])
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
