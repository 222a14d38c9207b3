/**
 * A sorted list that counts: a B-tree whose nodes know how many items lie below them, so that the place of an item and the
 * item at a place cost a few comparisons, however long the list is. A tree never changes: an edit gives another one that
 * shares every node it did not touch, so each block may have its own, and a reorganisation only takes an earlier one up again.
 */

interface Leaf<Item> {
  readonly items: Item[]
  /** The edit that made the node, which alone may still change it. */
  readonly owner: object
}

interface Branch<Item> {
  readonly children: Node<Item>[]
  /** How many items lie below each child, and the first of them. */
  readonly counts: number[]
  readonly firsts: Item[]
  readonly owner: object
}

type Node<Item> = Leaf<Item> | Branch<Item>

/** Below 0 when `a` comes first; 0 only for the same item. */
export type Compare<Item> = (a: Item, b: Item) => number

/** Says where an item lies: below 0 before the place that is looked for, above 0 behind it. Agrees with the order. */
export type Probe<Item> = (item: Item) => number

export interface Tree<Item> {
  readonly root: Node<Item>
  readonly size: number
  readonly compare: Compare<Item>
}

/** Items or children of one node. */
const MAX = 64
/** A node below this joins a neighbour when both fit into one. */
const SMALL = 16
/** Filled only so far when a tree is built, to leave room. */
const FILL = 48

const at = <Value>(values: readonly Value[], index: number): Value => {
  const value = values[index]
  if (value === undefined) throw new RangeError(`There is nothing at ${index}`)
  return value
}

const isBranch = <Item>(node: Node<Item>): node is Branch<Item> => 'children' in node
const widthOf = <Item>(node: Node<Item>) =>
  isBranch(node) ? node.children.length : node.items.length
const countOf = <Item>(node: Node<Item>) =>
  isBranch(node) ? node.counts.reduce((sum, count) => sum + count, 0) : node.items.length
const firstOf = <Item>(node: Node<Item>) => at(isBranch(node) ? node.firsts : node.items, 0)

const branchOf = <Item>(children: Node<Item>[], owner: object): Branch<Item> => ({
  children,
  counts: children.map(countOf),
  firsts: children.map(firstOf),
  owner,
})

/** How many of the sorted items satisfy a condition that holds for the first ones only. */
const countWhile = <Item>(items: readonly Item[], holds: (item: Item) => boolean): number => {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(at(items, middle))) low = middle + 1
    else high = middle
  }
  return low
}

/** The place in a node of the last child that begins at the item or before it. */
const childOf = <Item>({ firsts }: Branch<Item>, probe: Probe<Item>) =>
  Math.max(0, countWhile(firsts, (first) => probe(first) <= 0) - 1)

/** How many items lie before a place. */
export const countBefore = <Item>({ root }: Tree<Item>, probe: Probe<Item>): number => {
  let before = 0
  let node = root
  while (isBranch(node)) {
    const child = Math.max(0, countWhile(node.firsts, (first) => probe(first) < 0) - 1)
    for (let index = 0; index < child; index++) before += at(node.counts, index)
    node = at(node.children, child)
  }
  return before + countWhile(node.items, (item) => probe(item) < 0)
}

/** The item for which the probe is 0, if there is one. */
export const find = <Item>({ root }: Tree<Item>, probe: Probe<Item>): Item | undefined => {
  let node = root
  while (isBranch(node)) node = at(node.children, childOf(node, probe))
  const item = node.items[countWhile(node.items, (each) => probe(each) < 0)]
  return item !== undefined && probe(item) === 0 ? item : undefined
}

/** Up to `length` items from the place `start` on, which counts from 0. */
export const slice = <Item>({ root }: Tree<Item>, start: number, length: number): Item[] => {
  const found: Item[] = []
  const walk = (node: Node<Item>, offset: number): void => {
    if (!isBranch(node)) {
      const from = Math.max(0, start - offset)
      found.push(...node.items.slice(from, from + length - found.length))
      return
    }
    let before = offset
    for (let index = 0; index < node.children.length && found.length < length; index++) {
      const count = at(node.counts, index)
      if (before + count > start) walk(at(node.children, index), before)
      before += count
    }
  }
  walk(root, 0)
  return found
}

/** A tree of items that are in order already. */
export const fromSorted = <Item>(items: readonly Item[], compare: Compare<Item>): Tree<Item> => {
  const owner = {}
  const groups = <Value>(values: readonly Value[]) =>
    Array.from({ length: Math.ceil(values.length / FILL) }, (_, group) =>
      values.slice(group * FILL, (group + 1) * FILL),
    )
  let nodes: Node<Item>[] = groups(items).map((some) => ({ items: some, owner }))
  while (nodes.length > 1) nodes = groups(nodes).map((children) => branchOf(children, owner))
  return { root: nodes[0] ?? { items: [], owner }, size: items.length, compare }
}

/** The node itself when this edit made it, else a copy. */
const own = <Item, Kind extends Node<Item>>(node: Kind, owner: object): Kind =>
  node.owner === owner
    ? node
    : isBranch(node)
      ? {
          ...node,
          children: [...node.children],
          counts: [...node.counts],
          firsts: [...node.firsts],
          owner,
        }
      : { ...node, items: [...node.items], owner }

/** Cuts the second half off a node that has grown too wide. */
const split = <Item>(node: Node<Item>, owner: object): Node<Item> | null => {
  if (widthOf(node) <= MAX) return null
  const half = MAX / 2
  if (!isBranch(node)) return { items: node.items.splice(half), owner }
  const second = {
    children: node.children.splice(half),
    counts: node.counts.splice(half),
    firsts: node.firsts.splice(half),
    owner,
  }
  return second
}

const insert = <Item>(
  node: Node<Item>,
  item: Item,
  compare: Compare<Item>,
  owner: object,
): Node<Item> => {
  const probe = (other: Item) => compare(other, item)
  if (!isBranch(node)) {
    const leaf = own<Item, Leaf<Item>>(node, owner)
    leaf.items.splice(
      countWhile(leaf.items, (other) => probe(other) < 0),
      0,
      item,
    )
    return leaf
  }
  const branch = own<Item, Branch<Item>>(node, owner)
  const index = childOf(branch, probe)
  const child = insert(at(branch.children, index), item, compare, owner)
  const second = split(child, owner)
  const nodes = second === null ? [child] : [child, second]
  branch.children.splice(index, 1, ...nodes)
  branch.counts.splice(index, 1, ...nodes.map(countOf))
  branch.firsts.splice(index, 1, ...nodes.map(firstOf))
  return branch
}

/** Puts two neighbours of one kind into one node. */
const join = <Item>(a: Node<Item>, b: Node<Item>, owner: object): Node<Item> =>
  isBranch(a) && isBranch(b)
    ? {
        children: [...a.children, ...b.children],
        counts: [...a.counts, ...b.counts],
        firsts: [...a.firsts, ...b.firsts],
        owner,
      }
    : { items: [...leafItems(a), ...leafItems(b)], owner }

const leafItems = <Item>(node: Node<Item>) => (isBranch(node) ? [] : node.items)

const remove = <Item>(
  node: Node<Item>,
  item: Item,
  compare: Compare<Item>,
  owner: object,
): Node<Item> => {
  const probe = (other: Item) => compare(other, item)
  if (!isBranch(node)) {
    const index = countWhile(node.items, (other) => probe(other) < 0)
    const found = node.items[index]
    if (found === undefined || probe(found) !== 0) throw new Error('There is no such item')
    const leaf = own<Item, Leaf<Item>>(node, owner)
    leaf.items.splice(index, 1)
    return leaf
  }
  const branch = own<Item, Branch<Item>>(node, owner)
  const index = childOf(branch, probe)
  const child = remove(at(branch.children, index), item, compare, owner)
  const replace = (from: number, count: number, nodes: readonly Node<Item>[]) => {
    branch.children.splice(from, count, ...nodes)
    branch.counts.splice(from, count, ...nodes.map(countOf))
    branch.firsts.splice(from, count, ...nodes.map(firstOf))
  }
  if (widthOf(child) === 0) replace(index, 1, [])
  else replace(index, 1, [child])
  const left = Math.max(0, index - 1)
  const [a, b] = [branch.children[left], branch.children[left + 1]]
  const isSmall = widthOf(child) < SMALL
  if (isSmall && a !== undefined && b !== undefined && widthOf(a) + widthOf(b) <= MAX)
    replace(left, 2, [join(a, b, owner)])
  return branch
}

/** The tree without some items and with others. Nodes are copied once for the whole edit. */
export const edit = <Item>(
  tree: Tree<Item>,
  removed: readonly Item[],
  added: readonly Item[],
): Tree<Item> => {
  const { compare } = tree
  const owner = {}
  let { root } = tree
  for (const item of removed) {
    root = remove(root, item, compare, owner)
    while (isBranch(root) && root.children.length <= 1)
      root = root.children[0] ?? { items: [], owner }
  }
  for (const item of added) {
    root = insert(root, item, compare, owner)
    const second = split(root, owner)
    if (second !== null) root = branchOf([root, second], owner)
  }
  return { root, size: tree.size - removed.length + added.length, compare }
}
