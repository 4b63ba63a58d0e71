import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';

/** What we set of the options; the shape of replies stays ioredis' default. */
type Options = Omit<RedisOptions, 'replyMapping'>;

/** A connection to one Redis, to a master that Sentinels name, or to a Cluster. */
export type RedisConnection = Redis | Cluster;

export interface Address {
  host: string;
  port: number;
}

/** Where Redis is, as the environment says. */
export interface RedisLocation {
  host: string;
  port: number;
  username?: string | undefined;
  password?: string | undefined;
  tls?: boolean | undefined;
  /** With `sentinelMaster`: asked for the master's address instead of `host` and `port`. */
  sentinels?: Address[] | undefined;
  sentinelMaster?: string | undefined;
  /** Any nodes of a Cluster; the rest is found through them. */
  clusterNodes?: Address[] | undefined;
}

export interface ConnectionChoices {
  /** Refuse a command at once while there is no connection, for requests that must not wait. Connects right away. */
  failFast?: boolean;
  /** How long a command may take, ms; default 5,000. */
  commandTimeoutMs?: number;
  /** Shown by CLIENT LIST. */
  name?: string;
  /** Hears of each connection error. Without it they are only visible in the commands that fail. */
  onError?: (error: Error) => void;
}

/**
 * Opens a connection: lazily, unless `failFast`. Nothing is ever sent twice: whatever is in flight when the
 * connection breaks is rejected, for a take that was applied and sent again would take two messages and report one.
 * No command waits longer than its timeout.
 */
export function connectRedis(location: RedisLocation, choices: ConnectionChoices = {}): RedisConnection {
  const { clusterNodes } = location;
  const connection =
    clusterNodes !== undefined && clusterNodes.length > 0
      ? new Cluster(clusterNodes, clusterOptions(location, choices))
      : new Redis({ ...redisOptions(location, choices), ...retryOptions(choices) });
  // ioredis throws errors that nobody hears of; commands report the same error to whoever sent them.
  connection.on('error', (error: Error) => choices.onError?.(error));
  return connection;
}

/**
 * A second connection of the same kind for commands that block, so that they hold up nobody else.
 * A reply that is `graceMs` late counts as a dead connection.
 */
export function blockingConnection(redis: RedisConnection, graceMs = 2_000): RedisConnection {
  const overrides = {
    // ioredis times every command alike; a blocking one brings its own time and gets the grace on top.
    commandTimeout: undefined,
    socketTimeout: undefined,
    blockingTimeout: 60_000,
    blockingTimeoutGrace: graceMs,
  };
  const second =
    redis instanceof Cluster
      ? redis.duplicate(undefined, { enableOfflineQueue: true, redisOptions: { ...nodeOptions(redis), ...overrides } })
      : redis.duplicate({ ...overrides, enableOfflineQueue: true, lazyConnect: true });
  // Heard by the command that fails.
  second.on('error', () => undefined);
  return second;
}

function redisOptions(location: RedisLocation, choices: ConnectionChoices): Options {
  const commandTimeout = choices.commandTimeoutMs ?? 5_000;
  const secure = location.tls === true ? { tls: {} } : {};
  const { sentinels } = location;
  const where =
    sentinels !== undefined && sentinels.length > 0
      ? {
          sentinels,
          name: location.sentinelMaster ?? 'mymaster',
          ...(location.tls === true ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
          // Without it a connection to the old master stays open after a failover until its first write fails.
          failoverDetector: true,
        }
      : { host: location.host, port: location.port };
  return {
    ...where,
    ...secure,
    username: location.username,
    password: location.password,
    connectionName: choices.name,
    commandTimeout,
    // A Redis that answers nothing for this long is gone, although TCP has not noticed.
    socketTimeout: commandTimeout * 2,
    connectTimeout: 5_000,
    // 0: what is in flight when the connection breaks is rejected at once; see connectRedis.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    maxLoadingRetryTime: 1_000,
    // After a failover the old master answers READONLY: connect anew, to whichever is master now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

function retryOptions(choices: ConnectionChoices): Options {
  const failFast = choices.failFast === true;
  return {
    lazyConnect: !failFast,
    enableOfflineQueue: !failFast,
    retryStrategy: (times) => backoff(times),
  };
}

function clusterOptions(
  location: RedisLocation,
  choices: ConnectionChoices,
): Omit<ClusterOptions, 'redisOptions'> & { redisOptions: Options } {
  const failFast = choices.failFast === true;
  return {
    lazyConnect: !failFast,
    enableOfflineQueue: !failFast,
    clusterRetryStrategy: (times) => backoff(times),
    redisOptions: redisOptions({ ...location, sentinels: undefined }, choices),
  };
}

/** Quick at first, at most a second: a Redis that restarts must be noticed soon. */
function backoff(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 5), 1_000) * (0.5 + Math.random() / 2);
}

function nodeOptions(cluster: Cluster): Options {
  const { replyMapping: _, ...options } = cluster.options.redisOptions ?? {};
  return options;
}
