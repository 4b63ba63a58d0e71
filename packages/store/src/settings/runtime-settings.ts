import { z } from 'zod';

const codes = z.array(z.number().int().nonnegative());

/**
 * Settings that may be changed while everything runs, by the name of the variable that they stand in for. What is not
 * set, or is not what it should be, leaves the environment's value in force.
 */
export const RuntimeSettings = z.object({
  ORDER_EVENT_CODES: codes.min(1).optional().catch(undefined),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).optional().catch(undefined),
  TELEGRAM_MUTE: codes.optional().catch(undefined),
  TELEGRAM_DIGEST: z.string().optional().catch(undefined),
  /** '' = no quiet hours. */
  TELEGRAM_QUIET: z.string().optional().catch(undefined),
  /** No variable: the consumers take nothing while it is set. When it was set, ms. */
  CONSUMERS_PAUSED: z.number().optional().catch(undefined),
});

export type RuntimeSettings = z.infer<typeof RuntimeSettings>;
export type RuntimeSettingName = keyof RuntimeSettings;
