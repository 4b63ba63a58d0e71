import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { systemClock } from '../clock/clock.ts';

const refreshMs = 30_000;

/** Proxies whose X-Forwarded-* headers count: addresses, networks (10.0.0.0/8) and host names, which are looked up. */
export class TrustedProxies {
  readonly #fixed = new BlockList();
  readonly #names: string[] = [];
  readonly #resolve: (name: string) => Promise<string[]>;
  readonly #now: () => number;
  #resolved = new Set<string>();
  #refreshedAt = -Infinity;

  constructor(
    proxies: readonly string[],
    options: { resolve?: (name: string) => Promise<string[]>; now?: () => number } = {},
  ) {
    this.#resolve = options.resolve ?? resolveName;
    this.#now = options.now ?? systemClock.monotonicMs;
    for (const proxy of proxies) {
      const [address = '', prefix] = proxy.split('/', 2);
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (isIP(address) === 0) this.#names.push(proxy);
      else if (prefix === undefined) this.#fixed.addAddress(address, family);
      else this.#fixed.addSubnet(address, Number(prefix), family);
    }
  }

  /** Looks the host names up; those that cannot be found are not trusted. */
  async refresh(): Promise<void> {
    this.#refreshedAt = this.#now();
    const found = await Promise.all(this.#names.map((name) => this.#resolve(name).catch(() => [])));
    this.#resolved = new Set(found.flat());
  }

  isTrusted(address: string): boolean {
    // The address of a container changes when it is created again.
    if (this.#names.length > 0 && this.#now() - this.#refreshedAt > refreshMs) void this.refresh();
    const plain = address.replace(/^::ffff:/, '');
    if (isIP(plain) === 0) return false;
    return this.#resolved.has(plain) || this.#fixed.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  }
}

async function resolveName(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
