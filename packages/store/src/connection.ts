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
  failFast?: boolean | undefined;
  /** How long a command may take, ms; default 5,000. */
  commandTimeoutMs?: number | undefined;
  /** Shown by CLIENT LIST. */
  name?: string | undefined;
  /** Hears of each connection error. Without it they are only visible in the commands that fail. */
  onError?: ((error: Error) => void) | undefined;
}

/**
 * Opens a connection: lazily, unless `failFast` or a Cluster. Nothing is ever sent twice: whatever is in flight when the
 * connection breaks is rejected, for a take that was applied and sent again would take two messages and report one.
 * No command waits longer than its timeout.
 */
export function connectRedis(location: RedisLocation, choices: ConnectionChoices = {}): RedisConnection {
  const { clusterNodes } = location;
  const failFast = choices.failFast === true;
  const connection =
    clusterNodes !== undefined && clusterNodes.length > 0
      ? new Cluster(clusterNodes, clusterOptions(location, choices))
      : new Redis({
          ...redisOptions(location, choices),
          lazyConnect: !failFast,
          enableOfflineQueue: !failFast,
          retryStrategy: (times) => backoff(times),
        });
  if (connection instanceof Redis) {
    openAgainAfterEnd(connection);
    gatherWrites(connection);
  }
  return keepSecrets(connection, choices.onError);
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
      ? redis.duplicate(undefined, { redisOptions: { ...nodeOptions(redis), ...overrides } })
      : redis.duplicate({ ...overrides, enableOfflineQueue: true, lazyConnect: true });
  return keepSecrets(second);
}

/**
 * Resolves when the connection can be used; connects it if it is lazy.
 * @throws when that takes longer than `timeoutMs`, with the connection's last error as the cause, or when aborted
 */
export async function waitUntilReady(redis: RedisConnection, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  if (redis.status === 'ready') return;
  let cause: unknown;
  const note = (error: unknown) => {
    cause = error;
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const giveUp = () => reject(new Error('Redis is not reachable', { cause }));
  const timer = setTimeout(giveUp, timeoutMs);
  signal?.addEventListener('abort', giveUp);
  redis.on('error', note).once('ready', resolve);
  // If the first attempt fails the connection makes others by itself.
  if (redis.status === 'wait') redis.connect().catch(note);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    redis.off('error', note).off('ready', resolve);
  }
}

function redisOptions(location: RedisLocation, choices: ConnectionChoices): Options {
  const commandTimeout = choices.commandTimeoutMs ?? 5_000;
  return {
    ...whereabouts(location),
    ...(location.tls === true ? { tls: {} } : {}),
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

function whereabouts(location: RedisLocation): Options {
  const { host, port, sentinels, sentinelMaster, tls } = location;
  if (sentinels === undefined || sentinels.length === 0) return { host, port };
  return {
    sentinels,
    name: sentinelMaster ?? 'mymaster',
    ...(tls === true ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    // Without failoverDetector: in ioredis 6.0 it ends a connection for good that is about to connect when the news comes.
    // Sentinel closes the connections to a master that it demotes, and a READONLY or a timeout does the same.
    sentinelRetryStrategy: (times) => backoff(times),
  };
}

function clusterOptions(
  location: RedisLocation,
  choices: ConnectionChoices,
): Omit<ClusterOptions, 'redisOptions'> & { redisOptions: Options } {
  return {
    // The Cluster's own queue of waiting commands knows no timeout, so it is not used.
    enableOfflineQueue: false,
    clusterRetryStrategy: (times) => backoff(times),
    // Not sent again either.
    retryDelayOnFailover: 0,
    redisOptions: redisOptions({ ...location, sentinels: undefined }, choices),
  };
}

function nodeOptions(cluster: Cluster): Options {
  const { replyMapping: _, ...options } = cluster.options.redisOptions ?? {};
  return options;
}

/**
 * ioredis 6.0 gives a connection up for good when it is told to connect anew while it is just connecting. Only whoever
 * calls disconnect() or quit() means it to end.
 */
function openAgainAfterEnd(redis: Redis): void {
  let meant = false;
  const [disconnect, quit] = [redis.disconnect.bind(redis), redis.quit.bind(redis)];
  redis.disconnect = (reconnect = false) => {
    meant ||= !reconnect;
    disconnect(reconnect);
  };
  redis.quit = () => {
    meant = true;
    return quit();
  };
  redis.on('end', () => {
    // A failure is told to 'error', and is followed by the next attempt.
    if (!meant) setTimeout(() => void redis.connect().catch(() => undefined), 100);
  });
}

/**
 * Writes what is sent in one turn of the event loop as one piece. Under load that is a third of the work for us and for
 * Redis, which also syncs its file once for all of it.
 */
function gatherWrites(redis: Redis): void {
  const send = redis.sendCommand.bind(redis);
  let gathering = false;
  redis.sendCommand = (...args) => {
    const stream = redis.stream as typeof redis.stream | undefined;
    if (!gathering && stream !== undefined) {
      gathering = true;
      stream.cork();
      setImmediate(() => {
        gathering = false;
        stream.uncork();
      });
    }
    return send(...args);
  };
}

/**
 * ioredis puts a command's arguments into its error, where a log would show them: passwords, tokens, what buyers wrote.
 * Takes them out, and hears of the connection's errors, which are thrown otherwise; commands report them as well.
 */
function keepSecrets<T extends RedisConnection>(connection: T, onError?: (error: Error) => void): T {
  const send: Redis['sendCommand'] = connection.sendCommand.bind(connection);
  connection.sendCommand = (...args: Parameters<Redis['sendCommand']>) => {
    const [command] = args;
    const reject = command.reject.bind(command);
    command.reject = (error) => reject(withoutCommand(error));
    return send(...args);
  };
  connection.on('error', (error: Error) => onError?.(withoutCommand(error)));
  return connection;
}

function withoutCommand(error: Error): Error {
  if ('command' in error) delete error.command;
  return error;
}

/** Quick at first, at most a second: a Redis that restarts must be noticed soon. */
function backoff(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 5), 1_000) * (0.5 + Math.random() / 2);
}
