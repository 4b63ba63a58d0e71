import type { NewMessage } from './backlog.ts';
import type { Clock } from './clock.ts';
import type { TelegramConfig } from './config.ts';
import type { FormatContext } from './format/event.ts';
import { buttonsOf, digestParts, singleParts } from './render.ts';
import { isSilent } from './routing.ts';
import { newJob, type Job } from './waiting.ts';

/** Makes messages of notifications. */
export class Jobs {
  readonly #config: TelegramConfig;
  readonly #context: FormatContext;
  readonly #clock: Clock;

  constructor(parts: { config: TelegramConfig; context: FormatContext; clock: Clock }) {
    this.#config = parts.config;
    this.#context = parts.context;
    this.#clock = parts.clock;
  }

  async make(message: NewMessage): Promise<Job> {
    const { kind, items, topic, tier } = message;
    const parts = kind === 'digest' ? digestParts(items) : items.flatMap((item) => singleParts(item, this.#context));
    const silent = isSilent(items, this.#config, this.#clock.now());
    const buttons = this.#config.commands ? buttonsOf(items) : [];
    return newJob({ kind, items, topic, tier, silent, parts, buttons });
  }
}
