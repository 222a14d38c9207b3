/**
 * Some statements of Ponder's source are changed as they are loaded. A Ponder that does not have each of them exactly once is refused.
 *
 * - Its cache learns from the events of a backfill which rows a handler is going to ask for, and asks for a block's rows at once. For
 *   live blocks it is never told which event is handled, forgets within a few blocks what it learned, and each row costs a round
 *   trip. Now it is told.
 * - It loads the project through Vite, which watches every file below the folder, databases and all: seconds of CPU at each start,
 *   for changes that `ponder start` does not follow anyway. Now nothing is watched.
 * - It takes a block for fetched whose logs or transactions it could not get, and does not ask for it again until there is
 *   another one. Now it forgets it. And when a node fails while it looks for the block that a reorganisation goes back to, it
 *   forgets blocks that are still in the tables, without undoing them. Now it keeps them.
 * - It follows a WebSocket and nothing else: what that announces twice, late, in the wrong order or not at all. Now only a block
 *   that follows on the last one is taken from it; for anything else, and every few seconds, the node is asked for its newest.
 * - It starts all chains or none. Now those that do not answer are left out (`ponder.config.ts` knows which).
 * - A reorganisation and a start drop the triggers that keep the journal and make them again afterwards, and a start does the same with
 *   the indexes. That takes an exclusive lock on every table: it waits for whoever reads, and everybody else waits behind it. Now the
 *   triggers stay, and only act in the transaction of a live block, which says so by a setting; the indexes stay too. The indexer's
 *   locks then never conflict with those of a reader.
 * - It ends with the same code whatever stops it. A schema that belongs to another build stays so however often it is started: that has
 *   a code of its own now, which tells the supervisor.
 */
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { exit, stderr } from 'node:process'
import { MISTAKEN } from './exitCodes.ts'

interface Patch {
  /** Below the folder of Ponder's modules. */
  readonly file: string
  readonly find: RegExp
  readonly replacement: string
}

/** Between two questions for the newest block beside a WebSocket, in ms. */
const WATCH_MS = 3_000
/** What Ponder knows of each chain, in the order of its chains. */
const PER_CHAIN = [
  'chains',
  'rpcs',
  'finalizedBlocks',
  'eventCallbacks',
  'setupCallbacks',
  'contracts',
]

/** Set in the transaction of a live block alone. */
const LIVE = 'pay402win.live'
const WHEN_LIVE = `WHEN (current_setting('${LIVE}', true) = 'on')`

const PATCHES: readonly Patch[] = [
  {
    file: 'indexing/index.js',
    find: /(async processRealtimeEvents\(\{ events \}\) \{[^}]*client\.event = event;)/g,
    replacement: '$1 indexingCache.event = event;',
  },
  {
    file: 'build/index.js',
    find: /server: \{ hmr: false \}/g,
    replacement: 'server: { hmr: false, watch: null }',
  },
  {
    file: 'sync-realtime/index.js',
    find: /(catch \(_error\) \{)(\s+blockCallback\?\.\(false\);\s+onError\(_error, block\);)/g,
    replacement:
      '$1 if (latestFetchedBlock?.hash === block.hash) latestFetchedBlock = undefined;$2',
  },
  {
    file: 'sync-realtime/index.js',
    find: /(remoteBlock = await eth_getBlockByHash\(args\.rpc, \[remoteBlock\.parentHash, false\], context\));/g,
    replacement: `$1.catch((error) => {
      unfinalizedBlocks = [...unfinalizedBlocks, ...reorgedBlocks];
      throw error;
    });`,
  },
  {
    file: 'rpc/index.js',
    find: /(subscribe\(\{ onBlock, onError \}\) \{)/g,
    replacement: `$1
      let tip, isRinging = false, isRungAgain = false;
      const ring = async () => {
        isRungAgain = isRinging;
        if (isRinging) return;
        isRinging = true;
        try {
          do {
            isRungAgain = false;
            const block = await eth_getBlockByNumber(rpc, ["latest", true]);
            tip = block.hash;
            onBlock(block);
          } while (isRungAgain);
        } catch (error) {
          onError(error);
        } finally {
          isRinging = false;
        }
      };
      if (chain.ws !== undefined) {
        const watch = setInterval(() => isUnsubscribed || ring(), Math.max(${WATCH_MS}, chain.pollingInterval));
        common.shutdown.add(() => clearInterval(watch));
      }`,
  },
  {
    file: 'rpc/index.js',
    find: /onBlock\((standardizeBlock\(msg\.params\.result, \{\s+method: "eth_subscribe",\s+params: \["newHeads"\],\s+\}\))\);/g,
    replacement: `if (msg.params.result.parentHash === tip) {
        tip = msg.params.result.hash;
        onBlock($1);
      } else ring();`,
  },
  {
    file: 'runtime/multichain.js',
    find: /(export async function runMultichain\(\{[^}]*\}\) \{)/g,
    replacement: `$1
      const present = indexingBuild.chains.map(({ id }) => globalThis.isAbsentChain?.(id) !== true);
      indexingBuild = Object.fromEntries(Object.entries(indexingBuild).map(([name, value]) =>
        [name, PER_CHAIN.includes(name) ? value.filter((_, at) => present[at]) : value]));`.replace(
      'PER_CHAIN',
      JSON.stringify(PER_CHAIN),
    ),
  },
  {
    file: 'database/actions.js',
    find: /(FOR EACH ROW) (EXECUTE PROCEDURE "\$\{schema\}"\.\$\{getReorgProcedureName\(table\)\};)/g,
    replacement: `$1 ${WHEN_LIVE} $2`,
  },
  {
    file: 'database/actions.js',
    find: /(FOR EACH ROW) (EXECUTE PROCEDURE "\$\{schema\}"\.\$\{procedure\};)/g,
    replacement: `$1 ${WHEN_LIVE} $2`,
  },
  {
    file: 'runtime/multichain.js',
    find: /(\(table_name TEXT PRIMARY KEY\) ON COMMIT DROP)/g,
    replacement: `$1; SET LOCAL ${LIVE} = on`,
  },
  {
    file: 'runtime/multichain.js',
    find: /await dropTriggers\(tx, \{ tables \}, context\);\s*await dropLiveQueryTriggers\(tx, \{ namespaceBuild, tables \}, context\);/g,
    replacement: '',
  },
  {
    file: 'runtime/multichain.js',
    find: /await createTriggers\(tx, \{ tables \}, context\);\s*await createLiveQueryTriggers\(tx, \{ namespaceBuild, tables \}, context\);/g,
    replacement: '',
  },
  {
    file: 'database/index.js',
    find: /await dropTriggers\(tx, \{ tables \}\);\s*await dropLiveQueryTriggers\(tx, \{ namespaceBuild: namespace, tables \}, context\);/g,
    replacement: '',
  },
  {
    file: 'database/index.js',
    find: /for \(const indexStatement of schemaBuild\.statements\.indexes\.json\) \{\s*await tx\.wrap\(\(tx\) => tx\.execute\(`DROP INDEX [^`]*`\), context\);\s*\}/g,
    replacement: '',
  },
  {
    file: 'database/index.js',
    find: /(previousApp\.build_id !== buildId\)\) \{)/g,
    replacement: `$1 process.stderr.write(\`Schema \${namespace.schema} was made by another build of the indexer: set DATABASE_SCHEMA to another name (npm run reindex makes one)\\n\`); process.exit(${MISTAKEN});`,
  },
]

const ponder = import.meta.resolve('ponder')
const sources = new Map<string, string>()
for (const { file, find, replacement } of PATCHES) {
  const url = new URL(file, ponder)
  const source = sources.get(url.href) ?? readFileSync(url, 'utf8')
  if (source.match(find)?.length !== 1) {
    stderr.write(`This Ponder is not the one known: ${url.pathname} cannot be changed\n`)
    exit(1)
  }
  sources.set(url.href, source.replace(find, replacement))
}

registerHooks({
  load: (url, context, next) => {
    const source = sources.get(url)
    return source === undefined
      ? next(url, context)
      : { format: 'module', shortCircuit: true, source }
  },
})
