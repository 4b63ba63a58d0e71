import type { Logger } from '@shopee-webhook/runtime';
import { keysOf, TokenStore } from '@shopee-webhook/store';
import type { ForwarderConfig } from './config.ts';
import { FilteredOutbox } from './outbox.ts';
import type { StoreParts } from './redis-parts.ts';
import type { SpoolParts } from './spool-parts.ts';
import { createDrainOnly } from './telegram/drain-only.ts';
import type { Notifier } from './telegram/notifier.ts';

/** The notifier over both outboxes: the one in Redis and what waits on this process' disk. grammY is loaded only if a bot is set. */
export async function createAlerts(parts: {
  config: ForwarderConfig;
  store: StoreParts | undefined;
  spool: SpoolParts;
  logger: Logger;
}): Promise<Notifier> {
  const { config, store, spool, logger } = parts;
  const { dataDir } = config;
  const log = logger.child({ part: 'telegram' });
  const shared = store && {
    redis: store.redis,
    keys: store.keys,
    outbox: new FilteredOutbox({
      inner: store.notifications,
      wasHandled: (id) => spool.events.wasHandled(id),
      activity: store.activity,
    }),
    queue: store.notifications,
    isUsable: () => store.gate.usable,
  };
  const local = spool.outbox;
  if (config.telegram === undefined)
    return createDrainOnly(shared === undefined ? [local] : [shared.outbox, local], log);
  const keys = store?.keys ?? keysOf(config.redis.keyPrefix);
  const tokens = new TokenStore({ redis: store?.redis, keys, dataDir });
  const { createNotifier } = await import('./telegram/notifier.ts');
  return createNotifier({ config: config.telegram, shared, local, dataDir, logger: log, shops: () => tokens.list() });
}
