/** `auto`: when more are queued than a minute can send. `off`: never. A number: batched for so many minutes. */
export type DigestMode = 'auto' | 'off' | number;

export interface DigestPlan {
  default: DigestMode;
  byCode: ReadonlyMap<number, DigestMode>;
}

const expected = 'must be auto, off or minutes, for single event codes as code=mode: auto,8=30,3=off';

/** Parses TELEGRAM_DIGEST: `auto`, `10`, `auto,8=30,3=off`; throws an error that says what is expected. */
export function parseDigest(text: string): DigestPlan {
  const byCode = new Map<number, DigestMode>();
  let defaultMode: DigestMode = 'auto';
  for (const part of text.split(',').map((part) => part.trim())) {
    const [, code, mode] = /^(?:(\d+)=)?(auto|off|\d{1,4})$/.exec(part) ?? [];
    if (mode === undefined) throw new Error(expected);
    const read: DigestMode = mode === 'auto' || mode === 'off' ? mode : Math.max(1, Number(mode));
    if (code === undefined) defaultMode = read;
    else byCode.set(Number(code), read);
  }
  return { default: defaultMode, byCode };
}

/** The digest mode of a code; our own alerts have none and take the default. */
export function getDigestMode(plan: DigestPlan, code: number | undefined): DigestMode {
  return (code === undefined ? undefined : plan.byCode.get(code)) ?? plan.default;
}
