import { configOrExit, createLogger, loadErrorReporter, loadTracing, runService } from '@shopee-webhook/runtime';
import { listSecrets, loadConfig } from './config.ts';
import { startWatchdog } from './monitoring/watchdog.ts';
import { createWorker } from './worker.ts';

const config = configOrExit(() => loadConfig(process.env));
const errorReporter = await loadErrorReporter(config.errorReports, 'worker');
const logger = createLogger({
  name: 'worker',
  level: config.logLevel,
  errorReporter,
  secrets: listSecrets(config),
});

startWatchdog();
await runService(async () => {
  const tracing = await loadTracing(process.env, { name: 'worker', logger });
  const worker = await createWorker(config, { logger, tracing });
  await worker.start();
  return worker;
}, logger);
