import { runLoad } from '../load/generator.ts';
import type { LoadJob, LoadResult } from '../load/load-job.ts';
import { startBareFastify, type BareFastify } from '../reference/reference.ts';
import { Stack } from '../stack/stack.ts';

type LoadKind = { kind: 'closed'; connections: number } | { kind: 'open'; perSecond: number };

/** The forwarder and the bare route on the same Redis; one idles while the other is measured. */
export class AckBench {
  readonly stack: Stack;
  readonly bare: BareFastify;
  #run = 0;

  private constructor(stack: Stack, bare: BareFastify) {
    this.stack = stack;
    this.bare = bare;
  }

  static async start(dir: string): Promise<AckBench> {
    const stack = await Stack.create({ dir, telegram: false });
    await stack.startRedis();
    await stack.forwarder.start();
    const bare = await startBareFastify({ redisPort: stack.redisPort, key: stack.shopee.app.pushKey });
    return new AckBench(stack, bare);
  }

  forwarder(kind: LoadKind, seconds: number): Promise<LoadResult> {
    return this.#measure(this.stack.callbackUrl, kind, seconds);
  }

  reference(kind: LoadKind, seconds: number): Promise<LoadResult> {
    return this.#measure(this.bare.url, kind, seconds);
  }

  async stop(): Promise<void> {
    await this.bare.process.kill();
    await this.stack.stop();
  }

  #measure(url: string, kind: LoadKind, seconds: number): Promise<LoadResult> {
    this.#run += 1;
    const job: LoadJob = {
      url,
      key: this.stack.shopee.app.pushKey,
      seed: this.#run,
      warmupSeconds: 2,
      seconds,
      ...kind,
    };
    return runLoad(job);
  }
}
