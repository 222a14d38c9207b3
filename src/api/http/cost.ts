import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql'

/** Values of an operation's variables, coerced, with their defaults. */
type Variables = Readonly<Record<string, unknown>>

/** A page without `first` and `last`, and the largest one: what asks for more is refused where it is read. */
const DEFAULT_PAGE = 25
const LARGEST_PAGE = 1000

/** Introspection reads no database, so it counts a fraction; its lists are about as long as ours really are. */
const INTROSPECTION_WEIGHT = 0.05
const INTROSPECTION_LISTS: Readonly<Record<string, number>> = {
  types: 120,
  fields: 12,
  args: 4,
  inputFields: 8,
  enumValues: 8,
  interfaces: 1,
  possibleTypes: 8,
  directives: 5,
}

const numberOr = (value: unknown, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise

/** The value of an argument as it will be executed; undefined when there is none. */
const argumentValue = (
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  name: string,
  variables: Variables,
): unknown => {
  const given = node.arguments?.find((argument) => argument.name.value === name)?.value
  if (given?.kind === Kind.INT) return Number(given.value)
  const value = given?.kind === Kind.VARIABLE ? variables[given.name.value] : undefined
  return value ?? field.args.find((argument) => argument.name === name)?.defaultValue
}

const multiplier = (
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Variables,
): number => {
  const isPaged = field.args.some(({ name }) => name === 'first' || name === 'last')
  if (!isPaged) return numberOr(field.extensions.multiplier, 1)
  const page =
    argumentValue(field, node, 'first', variables) ?? argumentValue(field, node, 'last', variables)
  return Math.min(Math.max(numberOr(page, DEFAULT_PAGE), 1), LARGEST_PAGE)
}

const fieldOf = (parent: GraphQLNamedType | undefined, name: string) => {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
}

/**
 * The cost of an operation: each field costs `extensions.complexity ?? 1` plus what is selected below it times its
 * multiplier, which is the size of the page it asks for, or `extensions.multiplier ?? 1`. Each fragment is computed once
 * and counted wherever it is spread. `__typename` is free. Expects a valid document.
 */
export const operationCost = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number => {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition)
  const known = new Map<string, number>()

  const ofFragment = (name: string): number => {
    const cost = known.get(name)
    if (cost !== undefined) return cost
    const fragment = fragments.get(name)
    if (fragment === undefined) return 0
    const computed = ofSelection(
      fragment.selectionSet,
      schema.getType(fragment.typeCondition.name.value),
    )
    known.set(name, computed)
    return computed
  }

  const ofField = (node: FieldNode, parent: GraphQLNamedType | undefined): number => {
    if (node.name.value === '__typename') return 0
    const field = fieldOf(parent, node.name.value)
    if (field === undefined) return 0
    const isIntrospection = field.name.startsWith('__') || parent?.name.startsWith('__') === true
    const below =
      node.selectionSet === undefined ? 0 : ofSelection(node.selectionSet, getNamedType(field.type))
    return isIntrospection
      ? INTROSPECTION_WEIGHT + below * (INTROSPECTION_LISTS[field.name] ?? 1)
      : numberOr(field.extensions.complexity, 1) + below * multiplier(field, node, variables)
  }

  const ofSelection = (
    { selections }: SelectionSetNode,
    parent: GraphQLNamedType | undefined,
  ): number =>
    selections.reduce((sum, node) => {
      if (node.kind === Kind.FIELD) return sum + ofField(node, parent)
      if (node.kind === Kind.FRAGMENT_SPREAD) return sum + ofFragment(node.name.value)
      const condition = node.typeCondition?.name.value
      return (
        sum +
        ofSelection(node.selectionSet, condition === undefined ? parent : schema.getType(condition))
      )
    }, 0)

  return ofSelection(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined)
}
