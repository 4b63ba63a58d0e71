import { createRequire } from 'node:module';
import type { DestinationStream } from 'pino';
import type { PinoPretty } from 'pino-pretty';

/** Readable lines for a terminal. Loaded only there: the library is of no use to a service under Docker. */
export function pretty(): DestinationStream {
  const require = createRequire(import.meta.url);
  const build = require('pino-pretty') as typeof PinoPretty;
  return build({ colorize: true, ignore: 'pid,hostname,name', translateTime: 'SYS:HH:MM:ss.l', sync: true });
}
