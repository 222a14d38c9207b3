import { activityById } from '../db/activity.ts'
import { builder } from './builder.ts'
import type { Context } from './context.ts'
import { decodeGlobalId, type NodeType } from './globalId.ts'
import { createLoader } from './loader.ts'
import {
  entryById,
  issueById,
  paymentById,
  payoutById,
  playerById,
  poolById,
  roundById,
} from './loaders.ts'
import { Node } from './refs.ts'

const LOADERS = {
  Pool: poolById,
  Round: roundById,
  Entry: entryById,
  Payout: payoutById,
  X402Payment: paymentById,
  Player: playerById,
  IntegrityIssue: issueById,
  Activity: createLoader(activityById),
} as const satisfies Record<NodeType, unknown>

const readNode = async (context: Context, globalId: string) => {
  const { type, id } = decodeGlobalId(globalId)
  if (type === 'IntegrityIssue') context.markVolatile()
  const row = await LOADERS[type](context).load(id)
  return row === null ? null : { ...row, __typename: type }
}

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    description: 'Whatever has this id; null when it does not exist (any more).',
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) => readNode(context, id),
  }),
}))
