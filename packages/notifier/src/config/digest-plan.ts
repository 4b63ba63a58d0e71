/** `auto`: when more wait than can be sent in a minute. `off`: never. A number: gathered for so many minutes. */
export type DigestMode = 'auto' | 'off' | number;

export interface DigestPlan {
  default: DigestMode;
  byCode: ReadonlyMap<number, DigestMode>;
}

const expected = 'must be auto, off or minutes, for single event codes as code=mode: auto,8=30,3=off';

/** Reads TELEGRAM_DIGEST: `auto`, `10`, `auto,8=30,3=off`. Throws with what is expected. */
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

/** How events of this code are gathered; things that are no event (our alerts) as everything else. */
export function getDigestMode(plan: DigestPlan, code: number | undefined): DigestMode {
  return (code === undefined ? undefined : plan.byCode.get(code)) ?? plan.default;
}
