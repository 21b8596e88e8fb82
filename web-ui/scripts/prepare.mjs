// `npm ci`, unless what is installed already is what the lock file asks for; and nothing of an older build gets into the jar.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const room = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${room}node_modules/.tlsfleet-lock`;
const wanted = createHash('sha256').update(readFileSync(`${room}package-lock.json`)).digest('hex');

rmSync(`${room}target/classes/webroot`, { recursive: true, force: true });

let installed = '';
try {
  installed = readFileSync(stamp, 'utf8');
} catch {
  // nothing is installed yet
}
if (installed !== wanted) {
  const done = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'], { cwd: room, stdio: 'inherit' });
  if (done.error) {
    console.error(`npm could not be run (${done.error.message}). The pages need Node 20.19 or newer with npm; -Dui.skip builds without them.`);
    process.exit(1);
  }
  if (done.status !== 0) process.exit(done.status ?? 1);
  writeFileSync(stamp, wanted);
}
