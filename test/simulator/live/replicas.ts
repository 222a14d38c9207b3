import { join } from 'node:path'
import { type Api, createApi } from '../../../stack/api.ts'
import type { Random } from '../../../stack/players/random.ts'
import { freePort } from '../../../stack/process.ts'
import type { World } from '../../support/world.ts'
import { createTcpProxy, type TcpProxy } from '../proxy/tcp.ts'

/** API processes behind a balancer that knows nothing of its clients; their way to PostgreSQL can be harmed. */
export interface Replicas {
  /** Of any process, also of one that is down just now. */
  readonly url: () => string
  /** SIGKILL; it comes back at the same address. */
  readonly kill: () => Promise<void>
  /** SIGTERM, as in a deployment. */
  readonly restart: () => Promise<void>
  readonly database: TcpProxy
  readonly stop: () => Promise<void>
}

export const createReplicas = async (
  world: World,
  random: Random,
  count: number,
): Promise<Replicas> => {
  const real = new URL(world.env.API_DATABASE_URL ?? '')
  const database = await createTcpProxy({ port: Number(real.port) })
  real.port = String(database.port)
  const start = (port: number) =>
    createApi({
      port,
      env: {
        ...world.env,
        API_DATABASE_URL: real.href,
        MAX_HEAD_AGE_SECONDS: '86400',
        MAX_SOCKETS_PER_ADDRESS: '100000',
        COST_PER_MINUTE: '1000000000000',
        QUIET_FEED_MS: '1000',
        STOP_TIMEOUT_MS: '1000',
        LOG_LEVEL: 'warn',
      },
      logFile: join(world.folder, `api-${port}.log`),
      waitForHead: false,
    })
  const ports: number[] = []
  const apis: Api[] = []
  for (let at = 0; at < count; at++) {
    const port = await freePort()
    ports.push(port)
    apis.push(await start(port))
  }
  const again = async (end: (api: Api) => Promise<void>) => {
    const at = random.below(count)
    const [api, port] = [apis[at], ports[at]]
    if (api === undefined || port === undefined) return
    await end(api)
    apis[at] = await start(port)
  }
  return {
    url: () => `http://127.0.0.1:${ports[Math.floor(Math.random() * count)]}/graphql`,
    kill: () => again((api) => api.kill()),
    restart: () => again((api) => api.stop()),
    database,
    stop: async () => {
      for (const api of apis) await api.stop()
      await database.stop()
    },
  }
}
