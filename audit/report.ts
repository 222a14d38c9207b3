import { columns } from './columns.ts'
import type { Result } from './reconcileChain.ts'

const SHOWN = 50
const WIDTH = 44

const shorten = (text: string) =>
  text.length > WIDTH ? `${text.slice(0, WIDTH / 2 - 1)}…${text.slice(1 - WIDTH / 2)}` : text

/** A comparison for people. */
export const report = ({ chainId, head, from, to, logs, counts, differences }: Result): string => {
  const rows = Object.values(counts).reduce((sum, each) => sum + each, 0)
  const compared = Object.entries(counts).map(([table, each]) => `${table} ${each}`)
  const what = `chain ${chainId}, blocks ${from} to ${to}, rows of block ${head.number} ${head.hash}
${logs} logs of the chain, ${rows} rows: ${compared.join(', ')}
`
  if (differences.length === 0) return `${what}Nothing differs.\n`
  const table = columns([
    ['table', 'id', 'column', 'expected', 'actual'],
    ...differences
      .slice(0, SHOWN)
      .map(({ table, id, column, expected, actual }) =>
        [table, id, column, expected, actual].map(shorten),
      ),
  ])
  const more = differences.length > SHOWN ? `\n… and ${differences.length - SHOWN} more` : ''
  return `${what}\n${table}${more}\n\n${differences.length} differences. A clean schema: npm run reindex\n`
}
