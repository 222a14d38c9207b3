import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql'
import type { Statistics } from '../db/statistics.ts'
import type { Price, Priced, Pricing, SchemaPrice } from '../graphql/price.ts'

/** Values of an operation's variables, coerced, with their defaults. */
type Variables = Readonly<Record<string, unknown>>
type Field = GraphQLField<unknown, unknown>

/** A page without `first` and `last`, and the largest one: what asks for more is refused where it is read. */
const DEFAULT_PAGE = 25
const LARGEST_PAGE = 1000

/** An item of a list of numbers or ids. */
const ITEM = 0.25

/** Introspection reads no database, so it counts a fraction; its lists are about as long as ours really are. */
const INTROSPECTION_WEIGHT = 0.08
const INTROSPECTION_LISTS: Readonly<Record<string, number>> = {
  types: 150,
  fields: 14,
  args: 4,
  inputFields: 10,
  enumValues: 8,
  interfaces: 1,
  possibleTypes: 8,
  directives: 5,
}

/** What something costs: for each parent that it has, and once. */
interface Cost {
  readonly each: number
  readonly once: number
}

const FREE: Cost = { each: 0, once: 0 }

const isPaged = ({ args }: Field) => args.some(({ name }) => name === 'first' || name === 'last')

const pageOf = (args: Readonly<Record<string, unknown>>): number => {
  const size = args.first ?? args.last
  return Math.min(Math.max(typeof size === 'number' ? size : DEFAULT_PAGE, 1), LARGEST_PAGE)
}

/** Undefined when one has no value that it needs: then the field is answered with an error alone. */
const argumentsOf = (field: Field, node: FieldNode, variables: Variables) => {
  try {
    return field.args.length === 0 ? {} : getArgumentValues(field, node, variables)
  } catch {
    return undefined
  }
}

const amountOf = (priced: Priced | undefined, asked: Pricing, otherwise: number): number =>
  typeof priced === 'function' ? priced(asked) : (priced ?? otherwise)

const fieldOf = (parent: GraphQLNamedType | undefined, name: string): Field | undefined => {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
}

/**
 * The cost of an operation: each field costs its `complexity` and what is selected below it, as often as there may be parents, and its
 * `statement` once. How many there may be of a list follows from the size of its page, or from its `multiplier` (see
 * graphql/price.ts). Each fragment is computed once for a size of page, and counted wherever it is spread. `__typename` is free.
 * Expects a valid document.
 */
export const operationCost = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
  statistics: Statistics,
): number => {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition)
  const known = new Map<string, Cost>()

  const ofFragment = (name: string, page: number): Cost => {
    const key = `${name} ${page}`
    const cost = known.get(key)
    if (cost !== undefined) return cost
    const fragment = fragments.get(name)
    if (fragment === undefined) return FREE
    const computed = ofSelection(
      fragment.selectionSet,
      schema.getType(fragment.typeCondition.name.value),
      page,
    )
    known.set(key, computed)
    return computed
  }

  const selects = ({ selections }: SelectionSetNode, name: string): boolean =>
    selections.some((node) => {
      if (node.kind === Kind.FIELD) return node.name.value === name
      const inner =
        node.kind === Kind.FRAGMENT_SPREAD
          ? fragments.get(node.name.value)?.selectionSet
          : node.selectionSet
      return inner !== undefined && selects(inner, name)
    })

  const ofIntrospection = (field: Field, below: Cost): Cost => ({
    each: INTROSPECTION_WEIGHT + below.each * (INTROSPECTION_LISTS[field.name] ?? 1),
    once: 0,
  })

  const ofField = (
    node: FieldNode,
    parent: GraphQLNamedType | undefined,
    pageAbove: number,
  ): Cost => {
    const field = fieldOf(parent, node.name.value)
    if (field === undefined) return FREE
    const { selectionSet } = node
    const type = getNamedType(field.type)
    const belowWith = (page: number) =>
      selectionSet === undefined ? undefined : ofSelection(selectionSet, type, page)
    if (field.name.startsWith('__') || parent?.name.startsWith('__') === true)
      return ofIntrospection(field, belowWith(1) ?? FREE)

    const { complexity, statement, multiplier, most } = field.extensions as Price
    const args = argumentsOf(field, node, variables)
    if (args === undefined) return { each: 1, once: 0 }
    const asked: Pricing = {
      args,
      page: isPaged(field) ? pageOf(args) : pageAbove,
      statistics,
      selects: (name) => selectionSet !== undefined && selects(selectionSet, name),
    }
    const page = Math.min(asked.page, Math.ceil(amountOf(most, asked, LARGEST_PAGE)))
    const held = { ...asked, page }
    const below = belowWith(page)
    const items = !isListType(getNullableType(field.type))
      ? 1
      : isPaged(field)
        ? page
        : amountOf(multiplier, held, 1)
    return {
      each: amountOf(complexity, held, 1) + items * (below?.each ?? (items > 1 ? ITEM : 0)),
      once: amountOf(statement, held, 0) + (below?.once ?? 0),
    }
  }

  const ofSelection = (
    { selections }: SelectionSetNode,
    parent: GraphQLNamedType | undefined,
    page: number,
  ): Cost => {
    let [each, once] = [0, 0]
    for (const node of selections) {
      if (node.kind === Kind.FIELD && node.name.value === '__typename') continue
      const condition = node.kind === Kind.INLINE_FRAGMENT ? node.typeCondition : undefined
      const cost =
        node.kind === Kind.FIELD
          ? ofField(node, parent, page)
          : node.kind === Kind.FRAGMENT_SPREAD
            ? ofFragment(node.name.value, page)
            : ofSelection(
                node.selectionSet,
                condition === undefined ? parent : schema.getType(condition.name.value),
                page,
              )
      each += cost.each
      once += cost.once
    }
    return { each, once }
  }

  const root = schema.getRootType(operation.operation) ?? undefined
  const { each, once } = ofSelection(operation.selectionSet, root, 1)
  const { operation: base = 0 } = schema.extensions as SchemaPrice
  return base + each + once
}
