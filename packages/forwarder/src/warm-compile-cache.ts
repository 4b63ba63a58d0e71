import { HistoryClient } from '@shopee-webhook/history';
import './index.ts';
import '@shopee-webhook/notifier/telegram-notifier';

/*
 * Run once while the image is built: loads what the forwarder and the thread of its history load, so that Node keeps in
 * NODE_COMPILE_CACHE what it made of it.
 */
// The history's thread keeps no process alive.
const keepAlive = setInterval(() => undefined, 1_000);
const history = new HistoryClient(':memory:');
await history.call('cursor');
await history.close();
clearInterval(keepAlive);
