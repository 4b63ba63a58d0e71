import { configOrExit, createLogger, loadErrorReporter, loadTracing, runService } from '@shopee-webhook/runtime';
import { loadConfig, listSecrets } from './config.ts';
import { createForwarder } from './forwarder.ts';

// What the service writes names buyers: nobody else on the machine may read it.
process.umask(0o077);

const config = configOrExit(() => loadConfig(process.env));
const errorReporter = await loadErrorReporter(config.errorReports, 'forwarder');
const logger = createLogger({
  name: 'forwarder',
  level: config.log.level,
  secrets: listSecrets(config),
  errorReporter,
});

await runService(async () => {
  const tracing = await loadTracing(process.env, { name: 'forwarder', logger });
  const forwarder = await createForwarder(config, { logger, tracing });
  await forwarder.start();
  return forwarder;
}, logger);
