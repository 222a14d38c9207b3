/** What a benchmark found. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly { readonly name: string; readonly values: readonly (number | string)[] }[]
  /** What a reader must know to read it, a sentence each. */
  readonly notes?: readonly string[]
  /** Why the benchmark has failed. */
  readonly failure?: string
}

const cell = (value: number | string) => (typeof value === 'string' ? value : value.toFixed(1))

/** As Markdown, to paste into docs/performance.md. */
export const toMarkdown = ({ title, columns, rows, notes = [] }: Table): string =>
  [
    `**${title}**`,
    '',
    `| | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---:').join('|')}|`,
    ...rows.map(({ name, values }) => `| ${name} | ${values.map(cell).join(' | ')} |`),
    '',
    ...notes.flatMap((note) => [note, '']),
  ].join('\n')
