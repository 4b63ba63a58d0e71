import { z } from 'zod';

/** An order as the alert shows it: the summary that the shopee package makes; checked by whoever prints it. */
const Order = z.looseObject({ sn: z.string() });

const EventNotification = z.object({
  kind: z.literal('event'),
  messageId: z.string(),
  code: z.number().int(),
  shopId: z.string().optional(),
  /** ms. */
  at: z.number(),
  /** The push, letter by letter. */
  pushText: z.string(),
  source: z.string(),
  order: Order.optional(),
  previousStatus: z.string().optional(),
  /** Where the order stands in the sheet. */
  row: z.object({ spreadsheetId: z.string(), sheetId: z.number().int(), row: z.number().int() }).optional(),
});

const AlertNotification = z.object({
  kind: z.literal('alert'),
  /** The same condition has the same key when it fires and when it resolves. */
  key: z.string(),
  status: z.enum(['firing', 'resolved', 'event']),
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  text: z.string(),
  /** ms. */
  at: z.number(),
});

/** What waits in the outbox for Telegram: the payload of its messages. */
export const Notification = z.discriminatedUnion('kind', [EventNotification, AlertNotification]);

export type Notification = z.infer<typeof Notification>;
export type EventNotification = z.infer<typeof EventNotification>;
export type AlertNotification = z.infer<typeof AlertNotification>;
