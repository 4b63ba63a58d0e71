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

/** The text is not a message: `why` says what is missing, without quoting the text. */
export class NotAMessageError extends Error {
  override name = 'NotAMessageError';
}
