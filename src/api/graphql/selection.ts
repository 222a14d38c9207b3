import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
} from 'graphql'

type Fragments = GraphQLResolveInfo['fragments']

/** The fields of a selection, whatever fragments they are in. */
const fieldsIn = (
  selections: readonly SelectionNode[],
  fragments: Fragments,
  isWanted: (node: SelectionNode) => boolean = () => true,
): readonly FieldNode[] =>
  selections.filter(isWanted).flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node]
    const { selectionSet } =
      (node.kind === Kind.FRAGMENT_SPREAD ? fragments[node.name.value] : node) ?? {}
    return fieldsIn(selectionSet?.selections ?? [], fragments, isWanted)
  })

/** The fields right below these. */
export const fieldsBelow = (
  nodes: readonly FieldNode[],
  fragments: Fragments,
  isWanted?: (node: SelectionNode) => boolean,
): readonly FieldNode[] =>
  nodes.flatMap(({ selectionSet }) => fieldsIn(selectionSet?.selections ?? [], fragments, isWanted))

/** Names of the fields that are asked for right below this one. */
export const selectedFields = ({
  fieldNodes,
  fragments,
  variableValues,
}: GraphQLResolveInfo): ReadonlySet<string> => {
  const isWanted = (node: SelectionNode) =>
    getDirectiveValues(GraphQLSkipDirective, node, variableValues)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, node, variableValues)?.if !== false

  return new Set(fieldsBelow(fieldNodes, fragments, isWanted).map(({ name }) => name.value))
}
