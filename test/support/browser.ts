import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Chromium, { inflate } from '@sparticuz/chromium'
import { chromium, type Page } from 'playwright-core'

/** A page, and what went on in it since it was made. */
export interface BrowserPage {
  readonly page: Page
  /** Addresses of everything the page and its workers asked for, but not of what came with the page itself. */
  readonly requests: readonly string[]
  /** Errors that the console shows, and exceptions that nobody caught. */
  readonly errors: readonly string[]
}

export interface Browser {
  /** A page of a visitor who was never here before. */
  page(): Promise<BrowserPage>
  stop(): Promise<void>
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const binaries = new URL('../bin/', import.meta.resolve('@sparticuz/chromium'))

const ARGS = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Nothing but loopback has an address.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
]

const fontsOf = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`

/** The packages ask the system for its temporary folder; while `work` runs that is `folder`. */
const withTemporaryFolder = async <Result>(folder: string, work: () => Promise<Result>) => {
  const before = process.env.TMPDIR
  process.env.TMPDIR = folder
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}

/** Chromium without a window, unpacked with its fonts and libraries below .data; `stop` removes all of it. */
export const createBrowser = async (): Promise<Browser> => {
  const folder = join(root, '.data/test', `browser-${process.pid}`)
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 5 })
  const launch = async () => {
    const executablePath = await Chromium.executablePath()
    const libraries = await inflate(fileURLToPath(new URL('al2023.tar.br', binaries)))
    const fonts = join(folder, 'fonts.conf')
    await writeFile(fonts, fontsOf(folder))
    const env = {
      PATH: process.env.PATH ?? '',
      TMPDIR: folder,
      HOME: folder,
      FONTCONFIG_FILE: fonts,
      LD_LIBRARY_PATH: join(libraries, 'lib'),
    }
    return chromium.launch({ executablePath, args: ARGS, env })
  }

  await mkdir(folder, { recursive: true })
  try {
    const browser = await withTemporaryFolder(folder, launch)
    return {
      page: async () => {
        const context = await browser.newContext({ viewport: { width: 1600, height: 1100 } })
        const requests: string[] = []
        const errors: string[] = []
        context.on('request', (request) => requests.push(request.url()))
        context.on('console', (message) => {
          if (message.type() === 'error') errors.push(message.text())
        })
        context.on('weberror', (error) => errors.push(error.error().message))
        return { page: await context.newPage(), requests, errors }
      },
      stop: async () => {
        await browser.close()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}
