import { join } from 'node:path';
import { readJsonFile, writeJsonFile, systemClock } from '@shopee-webhook/runtime';
import { z } from 'zod';

const Acknowledgement = z.object({ note: z.string(), at: z.number() });
export type Acknowledgement = z.infer<typeof Acknowledgement>;

const Known = z.record(z.string(), Acknowledgement);

/** DATA_DIR/acknowledgements.json: the dead-letter reasons that an operator has seen, with a note. */
export class Acknowledgements {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'acknowledgements.json');
  }

  /** By reason. */
  async list(): Promise<Readonly<Record<string, Acknowledgement>>> {
    return (await readJsonFile(this.#path, Known)) ?? {};
  }

  async set(reason: string, note: string, at = systemClock.wallMs()): Promise<void> {
    await writeJsonFile(this.#path, { ...(await this.list()), [reason]: { note, at } });
  }
}
