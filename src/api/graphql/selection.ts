import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
} from 'graphql'

/** Names of the fields that are asked for right below this one. */
export const selectedFields = ({
  fieldNodes,
  fragments,
  variableValues,
}: GraphQLResolveInfo): ReadonlySet<string> => {
  const isWanted = (node: SelectionNode) =>
    getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false

  const namesIn = (selections: readonly SelectionNode[]): readonly string[] =>
    selections.filter(isWanted).flatMap((node) => {
      if (node.kind === Kind.FIELD) return [node.name.value]
      const set =
        node.kind === Kind.FRAGMENT_SPREAD
          ? fragments[node.name.value]?.selectionSet
          : node.selectionSet
      return namesIn(set?.selections ?? [])
    })

  return new Set(
    namesIn(fieldNodes.flatMap((node: FieldNode) => node.selectionSet?.selections ?? [])),
  )
}
