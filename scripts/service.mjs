// `sudo npm run service:install`: shopee-webhook as a systemd service that starts at boot, under a user of its own.
// `sudo npm run service:remove`: takes it away again; data and logs stay.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildDashboard, ensureRedis, fail, installDependencies, node24, redisHint, root, say } from './setup.mjs';

const user = 'shopee-webhook';
const unit = `/etc/systemd/system/${user}.service`;
const env = join(root, '.env');

if (process.platform !== 'linux' || !existsSync('/run/systemd/system')) fail('this machine does not run systemd');
if (process.getuid() !== 0) fail('run it as root: sudo npm run service:install');
if (process.argv[2] === 'remove') remove();
else if (process.argv[2] === 'install') install();
else fail('usage: sudo npm run service:install, sudo npm run service:remove');

function install() {
  if (!existsSync(env) || !/^PARTNER_ID=./m.test(readFileSync(env, 'utf8')))
    fail('fill in .env first: cp -n .env.example .env');
  installDependencies();
  buildDashboard();
  if (!ensureRedis()) fail(`there is no Redis: ${redisHint()}`);
  if (spawnSync('id', [user], { stdio: 'ignore' }).status !== 0)
    run('useradd', '--system', '--no-create-home', '--shell', '/usr/sbin/nologin', user);
  if (spawnSync('runuser', ['-u', user, '--', 'test', '-r', join(root, 'package.json')]).status !== 0)
    fail(`the user ${user} cannot read ${root}: move the folder, for example to /opt/shopee-webhook`);
  // Secrets: for root and the service only.
  for (const file of [env, join(root, 'config', 'service-account.json')].filter((path) => existsSync(path))) {
    run('chgrp', user, file);
    chmodSync(file, 0o640);
  }
  writeFileSync(unit, filled('deploy/systemd/shopee-webhook.service'));
  run('systemctl', 'daemon-reload');
  run('systemctl', 'enable', '--now', user);
  say(`installed; follow it with: journalctl -u ${user} -f`);
}

function remove() {
  spawnSync('systemctl', ['disable', '--now', user], { stdio: 'inherit' });
  rmSync(unit, { force: true });
  run('systemctl', 'daemon-reload');
  say(`removed; data and logs stay in /var/lib/${user} and /var/log/${user}`);
}

/** A template with this folder and this Node in it. */
function filled(template) {
  return readFileSync(join(root, template), 'utf8').replaceAll('@ROOT@', root).replaceAll('@NODE@', dirname(node24));
}

function run(program, ...args) {
  if (spawnSync(program, args, { stdio: 'inherit' }).status !== 0) fail(`${program} ${args.join(' ')} failed`);
}
