export { loadConfig, type ForwarderConfig } from './config.ts';
export { createForwarder, type Forwarder, type GivenParts } from './forwarder.ts';
