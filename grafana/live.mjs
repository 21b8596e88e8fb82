// Every query of the dashboards and every expression of the rules, asked of a real Prometheus that scrapes a running
// tlsfleet: node live.mjs URL [TOKEN]. A query that brings no data, or names a metric that /metrics does not have, is a fault.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { queries } from './lint.mjs';

const [url, token] = process.argv.slice(2);
if (!url) {
  console.error('usage: node live.mjs URL [TOKEN]');
  process.exit(2);
}
const READY_MILLIS = 30_000;
const SCRAPES = 4;
const metricsUrl = new URL('/metrics', url);
const rules = fileURLToPath(new URL('./rules/tlsfleet.rules.yml', import.meta.url));
const faults = [];
const pause = (millis) => new Promise((done) => setTimeout(done, millis));
const headers = token ? { Authorization: `Bearer ${token}` } : {};

// 1. what is exposed, and whether promtool likes it
const answer = await fetch(metricsUrl, { headers });
if (!answer.ok) {
  console.log(`fault: ${metricsUrl} answered ${answer.status}`);
  process.exit(1);
}
const exposition = await answer.text();
const checked = spawnSync('promtool', ['check', 'metrics'], { input: exposition, encoding: 'utf8' });
if (checked.error) {
  console.log('fault: promtool could not be run. Debian: apt-get install prometheus');
  process.exit(1);
}
if (checked.status !== 0 || checked.stderr.trim()) faults.push(`promtool check metrics: ${checked.stderr.trim()}`);
const families = new Map([...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));

// 2. metrics that are named but not exposed
const recorded = [...readFileSync(rules, 'utf8').matchAll(/^\s*- record: (\S+)\n\s*expr: (.+)$/gm)].map(([, name, expr]) => ({ name, expr }));
const alerts = [...readFileSync(rules, 'utf8').matchAll(/^\s*- alert: (\S+)\n\s*expr: (.+)$/gm)].map(([, name, expr]) => ({ name, expr }));
const asked = [...queries(), ...recorded.map(({ name }) => ({ where: `rule ${name}`, expr: name }))];
const known = (metric) => families.has(metric) || recorded.some(({ name }) => name === metric) || families.get(metric.replace(/_(bucket|sum|count)$/, '')) === 'histogram';
for (const { where, expr } of [...asked, ...recorded.map(({ name, expr: text }) => ({ where: `rule ${name}`, expr: text })), ...alerts.map(({ name, expr: text }) => ({ where: `alert ${name}`, expr: text }))])
  for (const [metric] of expr.matchAll(/\btlsfleet[_:][a-z0-9_:]+/g)) if (!known(metric)) faults.push(`${where}: there is no metric ${metric}`);

// 3. a Prometheus of its own, on loopback, in a folder that goes away
const port = await new Promise((done) => {
  const probe = net.createServer().listen(0, '127.0.0.1', () => {
    const { port: free } = probe.address();
    probe.close(() => done(free));
  });
});
const folder = mkdtempSync(join(tmpdir(), 'tlsfleet-prometheus-'));
writeFileSync(
  join(folder, 'prometheus.yml'),
  JSON.stringify({
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: [{ job_name: 'tlsfleet', scheme: metricsUrl.protocol.slice(0, -1), static_configs: [{ targets: [metricsUrl.host] }], ...(token ? { authorization: { credentials: token } } : {}) }],
  }),
);
const prometheus = spawn('prometheus', [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=error'], { stdio: ['ignore', 'ignore', 'inherit'] });
const ask = async (expr) => (await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expr)}`)).json();
let answered = 0;
try {
  const until = Date.now() + READY_MILLIS;
  for (let scraped = 0; scraped < SCRAPES; ) {
    if (Date.now() > until) throw new Error(`Prometheus had no ${SCRAPES} scrapes of ${metricsUrl} within ${READY_MILLIS / 1000} s`);
    await pause(500);
    const seen = await ask('count_over_time(up{job="tlsfleet"}[1m])').catch(() => undefined);
    scraped = Number(seen?.data?.result?.[0]?.value?.[1] ?? 0);
  }
  if ((await ask('up{job="tlsfleet"}')).data.result[0]?.value[1] !== '1') faults.push(`Prometheus cannot scrape ${metricsUrl}`);
  // the rules build on each other: one more evaluation
  await pause(2_500);
  for (const { where, expr } of asked) {
    const filled = expr.replaceAll('$__rate_interval', '1m').replaceAll('$__interval', '1m').replaceAll('$__range', '1h').replaceAll(/"\$\w+"/g, '".*"');
    const result = await ask(filled);
    if (result.status !== 'success') faults.push(`${where}: ${result.error}`);
    else if (result.data.result.length === 0) faults.push(`${where}: no data for ${filled}`);
    else answered++;
  }
  const evaluated = await (await fetch(`http://127.0.0.1:${port}/api/v1/rules`)).json();
  for (const rule of evaluated.data.groups.flatMap((group) => group.rules)) if (rule.health !== 'ok') faults.push(`rule ${rule.name}: ${rule.health} ${rule.lastError ?? ''}`);
} catch (error) {
  faults.push(error.message);
} finally {
  const ended = new Promise((done) => prometheus.once('exit', done));
  prometheus.kill();
  await ended;
  rmSync(folder, { recursive: true, force: true });
}
faults.forEach((fault) => console.log(`fault: ${fault}`));
console.log(`grafana-live: ${answered} passed, ${faults.length} failed`);
process.exit(faults.length > 0 ? 1 : 0);
