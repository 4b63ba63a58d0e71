export { loadConfig, type ForwarderConfig } from './config.ts';
export { createForwarder, type Forwarder, type ForwarderOverrides } from './forwarder.ts';
export type { Spool } from './spool/spool.ts';
