import { httpUrl, portsEnv, readEnv } from '@shopee-webhook/runtime';
import { QueueStats } from '@shopee-webhook/contracts';
import { z } from 'zod';
import type { Environment } from '../output/shell.ts';

const { FORWARDER_PORT } = portsEnv;
const Env = z.object({ FORWARDER_PORT, FORWARDER_URL: httpUrl.optional() });

const Report = QueueStats.pick({ totals: true, spool: true });

/** From GET /queue/stats: what Redis alone does not know, the full totals and the spool. */
export type ForwarderReport = z.infer<typeof Report>;

/** Where the running forwarder is: FORWARDER_URL, else on this machine. */
export function forwarderUrl(env: Environment): string {
  const { FORWARDER_PORT: port, FORWARDER_URL: url } = readEnv(Env, env);
  return url ?? `http://127.0.0.1:${String(port)}`;
}

/** Fetches the stats of the forwarder at `url`; undefined when there is no timely response. */
export async function fetchForwarderReport(url: string): Promise<ForwarderReport | undefined> {
  try {
    const response = await fetch(new URL('/queue/stats', url), { signal: AbortSignal.timeout(2_000) });
    return Report.parse(await response.json());
  } catch {
    // Unreachable, or another program at that URL: the caller prints that the forwarder was not reached.
    return undefined;
  }
}
