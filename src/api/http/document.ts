import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
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

/**
 * What a document says too much of, before it is validated, so that validating it is cheap. Depends on the document
 * alone. An empty list means that it may be validated.
 */
export const documentErrors = (document: DocumentNode, limits: Limits): readonly GraphQLError[] => {
  const measure = createMeasure(document)
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return []
    const { depth, aliases, fields } = measure(definition.selectionSet)
    return [
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
