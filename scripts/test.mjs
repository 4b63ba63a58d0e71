// `npm test`: every test of the project, on a fresh machine too. Arguments go to vitest: `npm test -- packages/store`.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { buildDashboard, ensureRedis, fail, installDependencies, node24, redisHint, root } from './setup.mjs';

installDependencies();
buildDashboard();
if (!ensureRedis()) fail(`the tests need a real Redis; install it with: ${redisHint()}`);

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const env = { ...process.env, PATH: `${dirname(node24)}:${process.env.PATH}` };
const child = spawn(node24, [vitest, 'run', ...process.argv.slice(2)], { cwd: root, env, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));
