import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
  TokenKind,
} from 'graphql'
import type { Limits } from '../config.ts'

/** How large a selection is, with each fragment counted wherever it is spread. */
interface Size {
  /** Fields below one another. Introspection does not count: graphql-js bounds it by a rule of its own. */
  readonly depth: number
  readonly aliases: number
  /** Fields directly in the selection. */
  readonly fields: number
}

const ZERO: Size = { depth: 0, aliases: 0, fields: 0 }

const add = (one: Size, other: Size): Size => ({
  depth: Math.max(one.depth, other.depth),
  aliases: one.aliases + other.aliases,
  fields: one.fields + other.fields,
})

/** Measures each fragment once, so that spreading it a thousand times costs nothing here. */
const createMeasure = (document: DocumentNode) => {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition)
  const known = new Map<string, Size>()

  const ofFragment = (name: string): Size => {
    const measured = known.get(name)
    if (measured !== undefined) return measured
    const fragment = fragments.get(name)
    // Holds while the fragment itself is measured: a cycle adds nothing, and validation refuses it.
    known.set(name, ZERO)
    const size = fragment === undefined ? ZERO : ofSelection(fragment.selectionSet)
    known.set(name, size)
    return size
  }

  const ofSelection = ({ selections }: SelectionSetNode): Size =>
    selections.reduce<Size>((sum, node) => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return add(sum, ofFragment(node.name.value))
      if (node.kind === Kind.INLINE_FRAGMENT) return add(sum, ofSelection(node.selectionSet))
      const below = node.selectionSet === undefined ? ZERO : ofSelection(node.selectionSet)
      return add(sum, {
        depth: node.name.value.startsWith('__') ? 1 : 1 + below.depth,
        aliases: below.aliases + (node.alias === undefined ? 0 : 1),
        fields: 1,
      })
    }, ZERO)

  return ofSelection
}

const tooComplex = (message: string) =>
  new GraphQLError(message, { extensions: { code: 'QUERY_TOO_COMPLEX' } })

/** Names come again with every row of an answer. */
const LONGEST_NAME = 200

const longNames = ({ loc }: DocumentNode): readonly GraphQLError[] => {
  for (let token = loc?.startToken ?? null; token !== null; token = token.next)
    if (token.kind === TokenKind.NAME && token.value.length > LONGEST_NAME)
      return [
        tooComplex(
          `A name has ${token.value.length} letters; at most ${LONGEST_NAME} are answered`,
        ),
      ]
  return []
}

/** Variables that an object of JavaScript would not keep as they are. */
const reservedNames = ({
  variableDefinitions = [],
}: OperationDefinitionNode): readonly GraphQLError[] =>
  variableDefinitions
    .filter(({ variable }) => variable.name.value.startsWith('__'))
    .map((node) => invalid('A variable may not begin with __', node))

/** A subscription whose only field may be left out would be one of nothing. */
const conditionalRoots = (
  document: DocumentNode,
  { operation, selectionSet }: OperationDefinitionNode,
): readonly GraphQLError[] => {
  if (operation !== OperationTypeNode.SUBSCRIPTION) return []
  const seen = new Set<string>()
  const below = ({ selections }: SelectionSetNode): readonly GraphQLError[] =>
    selections.flatMap((node) => {
      const conditions = (node.directives ?? [])
        .filter(({ name }) => name.value === 'skip' || name.value === 'include')
        .map((directive) =>
          invalid(
            `@${directive.name.value} is not allowed at the root of a subscription`,
            directive,
          ),
        )
      if (node.kind === Kind.FIELD) return conditions
      if (node.kind === Kind.INLINE_FRAGMENT) return [...conditions, ...below(node.selectionSet)]
      if (seen.has(node.name.value)) return conditions
      seen.add(node.name.value)
      const fragment = document.definitions.find(
        (one): one is FragmentDefinitionNode =>
          one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === node.name.value,
      )
      return [...conditions, ...(fragment === undefined ? [] : below(fragment.selectionSet))]
    })
  return below(selectionSet)
}

const invalid = (message: string, node: ASTNode) =>
  new GraphQLError(message, { nodes: node, extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })

/**
 * What a document says too much of, before it is validated, so that validating it is cheap. Depends on the document
 * alone. An empty list means that it may be validated.
 */
export const documentErrors = (document: DocumentNode, limits: Limits): readonly GraphQLError[] => {
  const long = longNames(document)
  if (long.length > 0) return long
  const measure = createMeasure(document)
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return []
    const { depth, aliases, fields } = measure(definition.selectionSet)
    return [
      ...reservedNames(definition),
      ...conditionalRoots(document, definition),
      ...(depth > limits.depth
        ? [tooComplex(`The query is ${depth} levels deep; at most ${limits.depth} are answered`)]
        : []),
      ...(aliases > limits.aliases
        ? [tooComplex(`The query has ${aliases} aliases; at most ${limits.aliases} are answered`)]
        : []),
      ...(fields > limits.rootFields
        ? [
            tooComplex(
              `The query has ${fields} root fields; at most ${limits.rootFields} are answered`,
            ),
          ]
        : []),
    ]
  })
}
