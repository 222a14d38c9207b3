import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXAMPLES } from '../../src/api/graphql/examples.ts'
import { type Browser, type BrowserPage, createBrowser } from '../support/browser.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
let browser: Browser
let visit: BrowserPage
let poolId: bigint

beforeAll(async () => {
  world = await createWorld({ name: 'graphiql' })
  poolId = await world.chain.createPool({ name: 'Evening pool' })
  await world.settled()
  browser = await createBrowser()
  visit = await browser.page()
  await visit.page.goto(world.api.url)
})
afterAll(async () => {
  await browser?.stop()
  await world?.stop()
})

const tabs = () => visit.page.locator('.graphiql-tab-button')
/** GraphiQL sends the name of the operation before, until it has read and stored the new one, a tenth of a second later. */
const open = async (name: string) => {
  await tabs()
    .filter({ hasText: new RegExp(`^${name}$`) })
    .click()
  await expect
    .poll(() => visit.page.evaluate(() => localStorage.getItem('graphiql:query')))
    .toContain(` ${name} {`)
}
const execute = () => visit.page.getByRole('button', { name: /^Execute query/ }).click()
/** Until the response pane shows it. */
const shown = (text: RegExp) =>
  visit.page.locator('.graphiql-response .view-lines').filter({ hasText: text }).waitFor()

describe('the page for browsers', () => {
  it('has a tab for every example, the first one open', async () => {
    await tabs().last().waitFor()
    expect(await tabs().allTextContents()).toEqual(EXAMPLES.map(({ name }) => name))
    const active = visit.page.locator('.graphiql-tab-active .graphiql-tab-button')
    expect(await active.textContent()).toBe(EXAMPLES[0]?.name)
  })

  it('answers a query', async () => {
    await execute()
    await shown(/"name":\s"Evening\spool"/)
  })

  it('follows a pool while the chain goes on, untouched', async () => {
    expect(poolId).toBe(1n)
    await open('LivePool')
    await execute()
    await shown(/"livePool".*"entryCount":\s0,/)
    await world.chain.enter({ poolId, player: 2, numbers: [7, 40] })
    await world.chain.mine()
    await shown(/"livePool".*"entryCount":\s2,/)
    await world.chain.enter({ poolId, player: 3, numbers: [402] })
    await world.chain.mine()
    await shown(/"livePool".*"entryCount":\s3,/)
  })

  it('asked nobody but the API, and complained of nothing', () => {
    const origins = new Set(visit.requests.map((address) => new URL(address).origin))
    expect([...origins]).toEqual([new URL(world.api.url).origin])
    expect(visit.errors).toEqual([])
  })
})
