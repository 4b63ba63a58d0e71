import { configOrExit, createLogger, loadErrorReporter, loadTracing, runService } from '@shopee-webhook/runtime';
import { loadConfig } from './config.ts';
import { startWatchdog } from './monitoring/watchdog.ts';
import { createWorker } from './worker.ts';

const config = configOrExit(() => loadConfig(process.env));
const errorReporter = await loadErrorReporter(config.errorReports, 'worker');
const logger = createLogger({
  name: 'worker',
  level: config.logLevel,
  errorReporter,
  secrets: [
    config.partner.key,
    config.seed?.accessToken,
    config.seed?.refreshToken,
    config.redis?.address.password,
    config.sheets.account.privateKey,
  ],
});

startWatchdog();
await runService(async () => {
  const tracing = await loadTracing(process.env, { name: 'worker', logger });
  const worker = await createWorker(config, { logger, tracing });
  await worker.start();
  return worker;
}, logger);
