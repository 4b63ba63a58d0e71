import { configOrExit, createLogger, loadErrorReports, loadTracing, runService } from '@shopee-webhook/runtime';
import { loadConfig, secretsOf } from './config.ts';
import { createForwarder } from './forwarder.ts';

const config = configOrExit(() => loadConfig(process.env));
const reports = await loadErrorReports(config.errorReports, 'forwarder');
const logger = createLogger({ name: 'forwarder', level: config.log.level, secrets: secretsOf(config), reports });

await runService(async () => {
  const tracing = await loadTracing(process.env, { name: 'forwarder', logger });
  const forwarder = await createForwarder(config, { logger, tracing });
  await forwarder.start();
  return forwarder;
}, logger);
