import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';

/** What we set of the options; the shape of replies stays ioredis' default. */
type IoredisOptions = Omit<RedisOptions, 'replyMapping'>;

/** A connection to one Redis, to a master that Sentinels name, or to a Cluster. */
export type RedisConnection = Redis | Cluster;

export interface Address {
  host: string;
  port: number;
}

/** Where Redis is, as the environment says. */
export interface RedisEndpoint {
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

export interface ConnectionOptions {
  /** Reject a command at once while there is no connection, for requests that must not wait. Connects right away. */
  failFast?: boolean | undefined;
  /** How long a command may take, ms; default 5,000. */
  commandTimeoutMs?: number | undefined;
  /** Shown by CLIENT LIST. */
  name?: string | undefined;
  /** Called with each connection error. Without it they are only visible in the commands that fail. */
  onError?: ((error: Error) => void) | undefined;
}

/**
 * Opens a connection: lazily, unless `failFast` or a Cluster. Nothing is ever sent twice: whatever is in flight when the
 * connection breaks is rejected, for a take that was applied and sent again would take two messages and report one.
 * No command waits longer than its timeout.
 */
export function connectRedis(endpoint: RedisEndpoint, options: ConnectionOptions = {}): RedisConnection {
  const { clusterNodes } = endpoint;
  const failFast = options.failFast === true;
  const connection =
    clusterNodes !== undefined && clusterNodes.length > 0
      ? new Cluster(clusterNodes, clusterOptions(endpoint, options))
      : new Redis({
          ...redisOptions(endpoint, options),
          lazyConnect: !failFast,
          enableOfflineQueue: !failFast,
          retryStrategy: (times) => reconnectDelay(times),
        });
  if (connection instanceof Redis) {
    reconnectAfterEnd(connection);
    autoPipeline(connection);
  }
  return redactErrors(connection, options.onError);
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
  return redactErrors(second);
}

/**
 * Resolves when the connection can be used; connects it if it is lazy.
 * @throws when that takes longer than `timeoutMs`, with the connection's last error as the cause, or when aborted
 */
export async function waitUntilReady(redis: RedisConnection, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  if (redis.status === 'ready') return;
  let cause: unknown;
  const recordError = (error: unknown) => {
    cause = error;
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = () => reject(new Error('Redis is not reachable', { cause }));
  const timer = setTimeout(fail, timeoutMs);
  signal?.addEventListener('abort', fail);
  redis.on('error', recordError).once('ready', resolve);
  // If the first attempt fails the connection makes others by itself.
  if (redis.status === 'wait') redis.connect().catch(recordError);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', fail);
    redis.off('error', recordError).off('ready', resolve);
  }
}

function redisOptions(endpoint: RedisEndpoint, options: ConnectionOptions): IoredisOptions {
  const commandTimeout = options.commandTimeoutMs ?? 5_000;
  return {
    ...toEndpointOptions(endpoint),
    ...(endpoint.tls === true ? { tls: {} } : {}),
    username: endpoint.username,
    password: endpoint.password,
    connectionName: options.name,
    commandTimeout,
    // A Redis that answers nothing for this long is gone, although TCP has not noticed.
    socketTimeout: commandTimeout * 2,
    connectTimeout: 5_000,
    // 0: what is in flight when the connection breaks is rejected at once; see connectRedis.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    maxLoadingRetryTime: 1_000,
    // After a failover the old master answers READONLY: connect again, to whichever is master now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

function toEndpointOptions(endpoint: RedisEndpoint): IoredisOptions {
  const { host, port, sentinels, sentinelMaster, tls } = endpoint;
  if (sentinels === undefined || sentinels.length === 0) return { host, port };
  return {
    sentinels,
    name: sentinelMaster ?? 'mymaster',
    ...(tls === true ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
    // Without failoverDetector: in ioredis 6.0 it ends a connection for good that is about to connect when the news comes.
    // Sentinel closes the connections to a master that it demotes, and a READONLY or a timeout does the same.
    sentinelRetryStrategy: (times) => reconnectDelay(times),
  };
}

function clusterOptions(
  endpoint: RedisEndpoint,
  options: ConnectionOptions,
): Omit<ClusterOptions, 'redisOptions'> & { redisOptions: IoredisOptions } {
  return {
    // The Cluster's own queue of waiting commands knows no timeout, so it is not used.
    enableOfflineQueue: false,
    clusterRetryStrategy: (times) => reconnectDelay(times),
    // Not sent again either.
    retryDelayOnFailover: 0,
    redisOptions: redisOptions({ ...endpoint, sentinels: undefined }, options),
  };
}

function nodeOptions(cluster: Cluster): IoredisOptions {
  const { replyMapping: _, ...options } = cluster.options.redisOptions ?? {};
  return options;
}

/**
 * ioredis 6.0 gives a connection up for good when asked to connect again while it is just connecting. Only whoever
 * calls disconnect() or quit() means it to end.
 */
function reconnectAfterEnd(redis: Redis): void {
  let intentional = false;
  const [disconnect, quit] = [redis.disconnect.bind(redis), redis.quit.bind(redis)];
  redis.disconnect = (reconnect = false) => {
    intentional ||= !reconnect;
    disconnect(reconnect);
  };
  redis.quit = () => {
    intentional = true;
    return quit();
  };
  redis.on('end', () => {
    // A failure is emitted as 'error', and is followed by the next attempt.
    if (!intentional) setTimeout(() => void redis.connect().catch(() => undefined), 100);
  });
}

/**
 * Writes what is sent in one turn of the event loop as one piece. Under load that is a third of the work for us and for
 * Redis, which also syncs its file once for all of it.
 */
function autoPipeline(redis: Redis): void {
  const send = redis.sendCommand.bind(redis);
  let corked = false;
  redis.sendCommand = (...args) => {
    const stream = redis.stream as typeof redis.stream | undefined;
    if (!corked && stream !== undefined) {
      corked = true;
      stream.cork();
      setImmediate(() => {
        corked = false;
        stream.uncork();
      });
    }
    return send(...args);
  };
}

/**
 * ioredis puts a command's arguments into its error, where a log would show them: passwords, tokens, what buyers wrote.
 * Takes them out, and listens for the connection's errors, which are thrown otherwise; commands report them as well.
 */
function redactErrors<T extends RedisConnection>(connection: T, onError?: (error: Error) => void): T {
  const send: Redis['sendCommand'] = connection.sendCommand.bind(connection);
  connection.sendCommand = (...args: Parameters<Redis['sendCommand']>) => {
    const [command] = args;
    const reject = command.reject.bind(command);
    command.reject = (error) => reject(redactError(error));
    return send(...args);
  };
  connection.on('error', (error: Error) => onError?.(redactError(error)));
  return connection;
}

function redactError(error: Error): Error {
  if ('command' in error) delete error.command;
  return error;
}

/** Quick at first, at most a second: a Redis that restarts must be noticed soon. */
function reconnectDelay(times: number): number {
  return Math.min(50 * 2 ** Math.min(times, 5), 1_000) * (0.5 + Math.random() / 2);
}
