import { configOrExit, createLogger, runService } from '@shopee-webhook/runtime';
import { loadConfig, secretsOf } from './config.ts';
import { createForwarder } from './forwarder.ts';

const config = configOrExit(() => loadConfig(process.env));
const logger = createLogger({ name: 'forwarder', level: config.log.level, secrets: secretsOf(config) });

await runService(async () => {
  const forwarder = await createForwarder(config, { logger });
  await forwarder.start();
  return forwarder;
}, logger);
