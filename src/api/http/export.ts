import type { IncomingMessage, ServerResponse } from 'node:http'
import { InputError } from '../db/errors.ts'
import {
  exportPages,
  NoBlockError,
  type Open,
  type Pin,
  pinBlock,
  ReorganisedError,
} from '../db/export.ts'
import { resultColumns } from '../db/exportColumns.ts'
import { type ExportName, exportTables, isExportName } from '../db/exportTables.ts'
import { createDrain, type DrainOptions, type Endpoint, type Write } from './drain.ts'
import { apiError } from './errors.ts'
import { createFormat } from './formats.ts'

export interface ExportOptions extends Omit<DrainOptions, 'what'> {
  readonly open: Open
}

interface Asked {
  readonly dataset: ExportName
  readonly format: 'csv' | 'ndjson'
  readonly at: number | 'finalized'
  readonly chainId?: number
}

const refuse = (message: string) => apiError('BAD_USER_INPUT', message)

const whole = (name: string, text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw refuse(`${name}: expected a whole number`)
}

const PARAMETERS = ['format', 'atBlock', 'chain']

const parse = ({ url = '/' }: IncomingMessage): Asked => {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const dataset = pathname.slice('/export/'.length)
  if (!isExportName(dataset))
    throw refuse(`expected /export/ and one of ${Object.keys(exportTables).join(', ')}`)
  for (const name of searchParams.keys())
    if (!PARAMETERS.includes(name) || searchParams.getAll(name).length > 1)
      throw refuse(`${name}: expected format, atBlock or chain, each once`)
  const format = searchParams.get('format') ?? 'csv'
  if (format !== 'csv' && format !== 'ndjson') throw refuse('format: expected csv or ndjson')
  const at = searchParams.get('atBlock') ?? 'finalized'
  const chain = searchParams.get('chain')
  return {
    dataset,
    format,
    at: at === 'finalized' ? at : whole('atBlock', at),
    ...(chain === null ? {} : { chainId: whole('chain', chain) }),
  }
}

/** Answers `GET /export/<dataset>?format=csv|ndjson&atBlock=N|finalized&chain=ID` with a table as of a block, streamed. */
export const createExportEndpoint = (options: ExportOptions): Endpoint => {
  const { open } = options
  const drain = createDrain({ ...options, what: 'exports' })

  const pin = async ({ at, chainId }: Asked): Promise<Pin> => {
    try {
      return await pinBlock(open, at, chainId)
    } catch (error) {
      throw error instanceof InputError ? refuse(error.message) : error
    }
  }

  const send = async (asked: Asked, response: ServerResponse, write: Write) => {
    const table = exportTables[asked.dataset]
    const pinned = await pin(asked)
    const format = createFormat(asked.format)
    for await (const { rows } of exportPages(open, table, pinned)) {
      // With the first page: what goes wrong before it is still answered as an error.
      if (!response.headersSent) {
        response.writeHead(200, {
          'content-type': format.contentType,
          'content-disposition': `attachment; filename="${asked.dataset}-${pinned.number}.${asked.format}"`,
          'cache-control': 'no-store',
          'x-block': `${pinned.number} ${pinned.hash}`,
        })
        await write(format.begin(resultColumns(table.columns)))
      }
      await write(rows.map(format.row).join(''))
    }
    response.end(format.end(true))
  }

  return {
    handle: async (request, response, holder) => {
      const asked = parse(request)
      await drain(response, holder, (write) => send(asked, response, write)).catch(
        (error: unknown) => {
          const isPassing = error instanceof ReorganisedError || error instanceof NoBlockError
          throw isPassing ? apiError('NOT_READY', error.message) : error
        },
      )
    },
  }
}
