import type { Logger } from '@shopee-webhook/runtime';
import { keysOf, TokenStore } from '@shopee-webhook/store';
import type { ForwarderConfig } from './config.ts';
import { FilteredOutbox } from './outbox.ts';
import type { StoreParts } from './redis-parts.ts';
import type { SpoolParts } from './spool-parts.ts';
import { createNotifier, type Notifier } from './telegram/notifier.ts';

/** The notifier over both outboxes: the one in Redis and what waits on this process' disk. */
export function createAlerts(parts: {
  config: ForwarderConfig;
  store: StoreParts | undefined;
  spool: SpoolParts;
  logger: Logger;
}): Notifier {
  const { config, store, spool, logger } = parts;
  const { dataDir } = config;
  const keys = store?.keys ?? keysOf(config.redis.keyPrefix);
  const tokens = new TokenStore({ redis: store?.redis, keys, dataDir });
  return createNotifier({
    config: config.telegram,
    shared: store && {
      redis: store.redis,
      keys: store.keys,
      outbox: new FilteredOutbox({
        inner: store.notifications,
        wasHandled: (id) => spool.events.wasHandled(id),
        activity: store.activity,
      }),
      queue: store.notifications,
      isUsable: () => store.gate.usable,
    },
    local: spool.outbox,
    dataDir,
    logger: logger.child({ part: 'telegram' }),
    shops: () => tokens.list(),
  });
}
