/** What a benchmark found. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly { readonly name: string; readonly values: readonly number[] }[]
}

/** As Markdown, to paste into docs/performance.md. */
export const toMarkdown = ({ title, columns, rows }: Table): string =>
  [
    `**${title}**`,
    '',
    `| | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---:').join('|')}|`,
    ...rows.map(
      ({ name, values }) => `| ${name} | ${values.map((value) => value.toFixed(1)).join(' | ')} |`,
    ),
    '',
  ].join('\n')
