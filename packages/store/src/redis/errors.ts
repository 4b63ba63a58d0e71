/** Redis would lose data, or evict it: the message names the setting to change. */
export class UnsafeRedisError extends Error {
  override name = 'UnsafeRedisError';
  /** The setting that is wrong, as redis.conf spells it. */
  readonly setting: string;

  constructor(setting: string, message: string) {
    super(message);
    this.setting = setting;
  }
}

/** Redis has the write, too few of its replicas do: a failover now could lose it. */
export class NotReplicatedError extends Error {
  override name = 'NotReplicatedError';

  constructor(reached: number, wanted: number) {
    super(`${reached} of ${wanted} replicas have the write: see REDIS_WAIT_REPLICAS`);
  }
}

/** The text is not a message: `why` says what is missing, without quoting the text. */
export class MalformedMessageError extends Error {
  override name = 'MalformedMessageError';
}

/** tokens.json cannot be understood. Says nothing of what is in it. */
export class TokenFileError extends Error {
  override name = 'TokenFileError';
}

/** True for the system's error of that code, such as ENOENT. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
