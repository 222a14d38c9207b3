import { expect, test } from 'vitest'
import { createRedact } from '../../log/redact.ts'

const redact = createRedact({
  RPC_URL:
    'https://rpc.example/v2/c0ffee5ecre7key, https://me:pass%20word@two.example/?apikey=5ecre7two',
  RPC_WS_URL_10: 'wss://rpc.example/ws/c0ffee5ecre7socket',
  DATABASE_URL: 'postgres://owner:hunter22@db.example/game?password=hunter33',
  DEPLOYMENTS: '[{"name":"base"}]',
  PGPASSWORD: 'hunter44',
})

test.each([
  ['HTTP request failed. URL: https://rpc.example/v2/c0ffee5ecre7key', 'rpc.example'],
  ['{"url":"https://me:pass%20word@two.example/?apikey=5ecre7two"}', 'two.example'],
  ['password pass word is wrong', 'is wrong'],
  ['GET /v2/c0ffee5ecre7key 401', '401'],
  ['Error: c0ffee5ecre7socket\n    at ws/c0ffee5ecre7socket', 'Error'],
  ['connect postgres://owner:hunter22@db.example/game', 'db.example/game'],
  ['hunter33 hunter44', ' '],
  ['redis://who:knows@elsewhere.example', 'elsewhere.example'],
  [`Authorization: Bearer p402_abcdefgh_${'x'.repeat(43)}`, 'Authorization'],
  [`key p402_abcdefgh_${'x'.repeat(43)}`, 'p402_abcdefgh'],
])('%s', (text, rest) => {
  const clean = redact(text)
  expect(clean).toContain('***')
  expect(clean).toContain(rest)
  expect(clean).not.toMatch(/5ecre7|hunter|pass( |%20)word|knows@|x{43}/)
})

test('what is no secret stays', () => {
  const text =
    '{"chain":"base","owner":"owner","url":"http://127.0.0.1:4000/graphql","hash":"0x12"}'
  expect(redact(text)).toBe(text)
})
