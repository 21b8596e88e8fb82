// The API of openapi.json over an invented estate, and the built pages: for looking at the UI and for its end-to-end test
// without a product. Token: mock-token. Usage: node mock/server.mjs [port]
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addEndpoint, causes, certificates, endpoints, findings, summary } from './data.mjs';
import { alert, alerts, clients, diagnosis, endpointWhatIf, estateWhatIf, forecast, oddOnes, PROPOSALS } from './judged.mjs';
import { report } from './report.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const streams = new Set();
const state = { receivers: [{ id: 1, name: 'web-team chat', kind: 'slack', target: 'https://hooks.slack.com', settings: {}, createdAt: new Date().toISOString(), state: 'ok', pending: 0 }], routes: [{ id: 1, receiverId: 1, receiver: 'web-team chat', minSeverity: 'high', matchers: [{ name: 'owner', value: 'web-team', operator: '=' }], groupWaitSeconds: 30 }], silences: [], notifications: [{ id: 1, key: 'a', receiver: 'web-team chat', kind: 'firing', title: 'Certificate has expired on 3 endpoints', severity: 'critical', state: 'delivered', attempts: 1, createdAt: new Date(Date.now() - 4e6).toISOString() }, { id: 2, key: 'b', receiver: 'web-team chat', kind: 'firing', title: 'TLS 1.0 is accepted on 12 endpoints', severity: 'high', state: 'dead', attempts: 9, lastError: 'HTTP 500 Internal Server Error', createdAt: new Date(Date.now() - 4e7).toISOString() }], tokens: [{ id: 1, name: 'admin', role: 'admin', createdBy: 'up', createdAt: new Date().toISOString(), expiresAt: null, lastUsedAt: new Date().toISOString() }] };

const tell = (kind, data) => streams.forEach((stream) => stream.write(`event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`));
const problem = (status, detail, field) => ({ status, body: { type: 'about:blank', title: http.STATUS_CODES[status], status, detail, ...(field ? { field } : {}) }, type: 'application/problem+json' });
const page = (items, query) => {
  const from = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? 100);
  return { body: { items: items.slice(from, from + limit), nextCursor: from + limit < items.length ? String(from + limit) : null, total: items.length } };
};
const shown = (endpoint) => ({ ...endpoint, rules: undefined, leaf: undefined });

function scan(endpoint) {
  endpoint.scanning = true;
  setTimeout(() => tell('scan', { endpointId: endpoint.id, endpoint: endpoint.name, phase: 'started' }), 300);
  setTimeout(() => {
    const first = endpoint.lastScanAt === null;
    Object.assign(endpoint, { scanning: false, lastScanAt: new Date().toISOString(), outcome: 'complete', state: 'findings', protocols: ['TLSv1.2', 'TLSv1.3'], notAfter: endpoint.leaf.notAfter, certificate: endpoint.leaf.sha256, grade: 'B' });
    if (first) {
      const model = findings.find((one) => one.rule === 'certificate.chain-incomplete');
      findings.push({ ...model, id: findings.length + 1, endpointId: endpoint.id, endpoint: endpoint.name, firstSeen: endpoint.lastScanAt });
      endpoint.rules.push(model.rule);
      endpoint.findings.high = 1;
      endpoint.worst = 'high';
      tell('finding', { id: findings.length, endpointId: endpoint.id, rule: model.rule, severity: 'high', state: 'open' });
    }
    tell('scan', { endpointId: endpoint.id, endpoint: endpoint.name, phase: 'finished', outcome: 'complete', connections: 27 });
  }, 1500);
}

const ROUTES = [
  ['GET', /^\/summary$/, () => ({ body: summary() })],
  ['GET', /^\/search$/, (_, query) => ({ body: { endpoints: endpoints.filter((one) => one.name.includes(query.get('q'))).slice(0, 5).map(shown), certificates: certificates.filter((one) => one.subject.includes(query.get('q'))).slice(0, 5), findings: findings.filter((one) => one.title.toLowerCase().includes(query.get('q').toLowerCase())).slice(0, 5) } })],
  ['GET', /^\/endpoints$/, (_, query) => {
    const is = (key, value) => !query.get(key) || query.get(key) === value;
    const sort = { expiry: (a, b) => String(a.notAfter).localeCompare(String(b.notAfter)), worst: (a, b) => b.findings.critical * 9 + b.findings.high - a.findings.critical * 9 - a.findings.high }[query.get('sort')] ?? ((a, b) => a.name.localeCompare(b.name));
    return page(endpoints.filter((one) => is('state', one.state) && is('owner', one.owner) && is('severity', one.worst) && is('certificate', one.certificate) && is('grade', one.grade) && (!query.get('q') || one.name.includes(query.get('q'))) && (!query.get('protocol') || one.protocols.includes(query.get('protocol'))) && (!query.get('rule') || one.rules.includes(query.get('rule')))).sort(sort).map(shown), query);
  }],
  ['GET', /^\/endpoints\/(\d+)$/, ([id]) => (endpoints[id - 1] ? { body: shown(endpoints[id - 1]) } : problem(404, `There is no endpoint ${id}.`))],
  ['GET', /^\/endpoints\/(\d+)\/report$/, ([id], query) => (endpoints[id - 1]?.lastScanAt ? { body: report(endpoints[id - 1], query.get('observation') === '1') } : problem(404, 'It was not scanned yet.'))],
  ['GET', /^\/endpoints\/(\d+)\/diagnosis$/, ([id]) => (endpoints[id - 1] ? { body: diagnosis(endpoints[id - 1]) } : problem(404, `There is no endpoint ${id}.`))],
  ['GET', /^\/endpoints\/(\d+)\/whatif$/, ([id], query) => (endpoints[id - 1] ? { body: endpointWhatIf(endpoints[id - 1], query) } : problem(404, `There is no endpoint ${id}.`))],
  ['GET', /^\/fingerprints\/odd$/, (_, query) => page(oddOnes(), query)],
  ['GET', /^\/alerts$/, (_, query) => page(alerts().filter((one) => !query.get('state') || one.state === query.get('state')), query)],
  ['GET', /^\/alerts\/(\d+)$/, ([id]) => (alert(Number(id)) ? { body: alert(Number(id)) } : problem(404, `There is no alert ${id}.`))],
  ['GET', /^\/progress$/, () => ({ body: { at: new Date().toISOString(), since: new Date(Date.now() - 36e5).toISOString(), endpoints: endpoints.length, done: endpoints.length - 4, due: 4, underWay: 1, failing: 3, paused: 0, scansPerSecond: 38, etaSeconds: 1 } })],
  ['GET', /^\/reevaluate$/, () => ({ body: { state: 'idle', done: 0, total: 0 } })],
  ['GET', /^\/policy-assignments$/, (_, query) => page([{ id: 1, policy: 'mozilla-modern-6.0', host: null, owner: 'payments', tag: null, site: null, createdAt: '2026-11-21T08:00:00.000Z', createdBy: 'admin' }], query)],
  ['GET', /^\/policies\/[^/]+\/versions$/, (_, query) => page([], query)],
  ['GET', /^\/whatif$/, (_, query) => ({ body: forecast(query) })],
  ['GET', /^\/clients$/, (_, query) => ({ body: clients(query) })],
  ['GET', /^\/clients\/proposals$/, (_, query) => page(PROPOSALS, query)],
  ['GET', /^\/clients\/whatif$/, (_, query) => ({ body: estateWhatIf(query) })],
  ['GET', /^\/endpoints\/(\d+)\/history$/, ([id], query) => page(endpoints[id - 1].lastScanAt ? [[2, 5, 2], [1, 40, 0]].map(([point, days, changes]) => ({ id: point, address: endpoints[id - 1].addresses[0].address, firstSeen: new Date(Date.now() - days * 864e5).toISOString(), lastSeen: new Date().toISOString(), scans: days * 24, outcome: endpoints[id - 1].outcome, changes })) : [], query)],
  ['GET', /^(?:\/endpoints\/(\d+))?\/changes$/, ([id], query) => page(endpoints.filter((one) => !id || String(one.id) === id).slice(0, 40).map((one, n) => ({ id: n + 1, at: new Date(Date.now() - 5 * 864e5 - n * 36e5).toISOString(), endpointId: one.id, endpoint: one.name, owner: one.owner, kind: 'suite', fact: '/cipherSuites/TLSv1.2/suites', before: null, after: 'TLS_RSA_WITH_AES_128_GCM_SHA256', title: 'Suite added (TLS 1.2)', weaker: true })), query)],
  ['GET', /^\/findings$/, (_, query) => page(findings.filter((one) => ['severity', 'rule', 'cause', 'owner', 'state'].every((key) => !query.get(key) || query.get(key) === one[key]) && (!query.get('endpoint') || String(one.endpointId) === query.get('endpoint'))), query)],
  ['GET', /^\/findings\/causes$/, (_, query) => page(causes().filter((one) => !query.get('severity') || one.severity === query.get('severity')), query)],
  ['POST', /^\/findings\/(\d+)\/acknowledge$/, ([id], _, body) => ({ body: Object.assign(findings[id - 1], { state: 'acknowledged', acknowledgement: { by: 'admin', at: new Date().toISOString(), ...body } }) })],
  ['DELETE', /^\/findings\/(\d+)\/acknowledge$/, ([id]) => ({ body: Object.assign(findings[id - 1], { state: 'open', acknowledgement: null }) })],
  ['GET', /^\/certificates$/, (_, query) => page(certificates.filter((one) => (!query.get('expiresBefore') || one.notAfter < query.get('expiresBefore')) && (!query.get('expiresAfter') || one.notAfter >= query.get('expiresAfter'))).sort((a, b) => a.notAfter.localeCompare(b.notAfter)), query)],
  ['GET', /^\/certificates\/([0-9a-f]+)$/, ([sha]) => { const one = certificates.find((each) => each.sha256 === sha); return one ? { body: { ...one, pem: '-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----', servedBy: endpoints.filter((each) => each.certificate === sha).map((each) => ({ id: each.id, name: each.name, owner: each.owner, position: 0, lastScanAt: each.lastScanAt })) } } : problem(404, 'That certificate was never seen.'); }],
  ['GET', /^\/fingerprints$/, (_, query) => page([['15af977ce25de452b96affa2addb1036', 120], ['eb1d94daa7e0344597e756a1fb6e7054', 38], ['f4febc55ea12b31ae17cfb7e614afda8', 1]].map(([value, count]) => ({ kind: 'ja3s', value, endpoints: count, example: 'shop.example:443', firstSeen: new Date(Date.now() - 4e9).toISOString() })), query)],
  ['POST', /^\/targets$/, (_, __, body) => {
    if (!body.host || /\s/.test(body.host)) return problem(400, 'host holds a space', 'host');
    if (!(body.port >= 1 && body.port <= 65535)) return problem(400, `port ${body.port} is out of range 1 to 65535`, 'port');
    const endpoint = addEndpoint(body.host, body.port, { never: true, rules: [], unreachable: false, owner: body.owner ?? null });
    scan(endpoint);
    return { status: 201, body: { id: endpoint.targetId, ids: [endpoint.targetId], added: 1, updated: 0, items: [{ id: endpoint.targetId, endpointId: endpoint.id, ...body, tags: {}, site: 'local' }] } };
  }],
  ['POST', /^\/targets\/(\d+)\/scan$/, ([id]) => { const endpoint = endpoints.find((one) => String(one.targetId) === id); scan(endpoint); return { status: 202, body: { targetId: Number(id), endpointIds: [endpoint.id] } }; }],
  ['POST', /^\/targets\/import$/, (_, query, body) => ({ body: { added: body.split('\n').length - 1, updated: 0, unchanged: 0, dryRun: query.get('dryRun') === 'true', rejected: [{ line: 3, field: 'port', reason: 'port 99999 is out of range 1 to 65535' }] } })],
  ['GET', /^\/(receivers|routes|silences|notifications|tokens)$/, ([kind], query) => page(state[kind], query)],
  ['GET', /^\/alerting-file$/, () => ({ body: { state: 'none', file: null, appliedAt: null, problems: [] } })],
  ['POST', /^\/routes\/try$/, (_, __, body) => ({ body: { labels: body.labels, routes: ['high', 'critical'].includes(body.labels.severity) ? state.routes.slice(0, 1) : [], silencedBy: [] } })],
  ['PUT', /^\/routes\/(\d+)$/, ([id], _, body) => ({ body: Object.assign(state.routes.find((one) => String(one.id) === id), body) })],
  ['POST', /^\/receivers\/(\d+)\/test$/, () => ({ body: { delivered: true, status: 200, detail: 'the receiver answered ok', durationMillis: 84 } })],
  ['POST', /^\/(receivers|routes|silences|tokens)$/, ([kind], _, body) => { const made = { id: state[kind].length + 1, state: 'ok', settings: {}, receiver: 'web-team chat', createdBy: 'admin', createdAt: new Date().toISOString(), ...body }; state[kind].push(made); return { status: 201, body: kind === 'tokens' ? { ...made, token: 'tf_mock' } : made }; }],
  ['GET', /^\/sites$/, (_, query) => page([{ name: 'local', description: 'this machine and what it reaches', private: true, endpoints: endpoints.length, due: 4, oldestDueSeconds: 4, workers: 1 }], query)],
  ['GET', /^\/workers$/, (_, query) => page([{ id: 'up-1', site: 'local', version: '0.1.0', startedAt: new Date(Date.now() - 1e7).toISOString(), lastSeen: new Date().toISOString(), leasesHeld: 12, scans: 1932, scansPerSecond: 38 }], query)],
  ['GET', /^\/trust-anchors$/, (_, query) => page([{ id: 1, sha256: 'ab'.repeat(32), subject: 'CN=Plant Root', notAfter: '2036-11-21T08:00:00.000Z', host: '*.plant.example', owner: null, tag: null, site: 'plant', createdAt: '2026-11-21T08:00:00.000Z', createdBy: 'admin', pem: '' }], query)],
  ['GET', /^\/scan-rules$/, (_, query) => page([{ id: 1, host: '*.corp.example', owner: null, tag: null, site: null, intervalSeconds: 3600, depth: null, expectIdentity: null, createdAt: '2026-11-21T08:00:00.000Z', createdBy: 'admin' }], query)],
  ['GET', /^\/policies$/, (_, query) => page([{ name: 'public-web', version: '1.0', title: 'Services on the public web', date: '2026-10-01', source: 'RFC 9325', endpoints: endpoints.length }, { name: 'mozilla-modern-6.0', version: '6.0', title: 'Mozilla modern', date: '2026-01-15', source: 'https://ssl-config.mozilla.org/guidelines/6.0.json', endpoints: 0 }], query)],
  ['GET', /^\/audit$/, (_, query) => page([{ id: 1, at: new Date().toISOString(), actor: 'admin', action: 'session.create', subject: 'admin', address: '127.0.0.1' }], query)],
];

async function read(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock');
  const send = ({ status = 200, body, type = 'application/json', headers = {} }) => {
    response.writeHead(status, { 'Content-Type': type, ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  if (!url.pathname.startsWith('/api/v1')) {
    const file = join(DIST, normalize(decodeURIComponent(url.pathname)));
    const chosen = file.startsWith(DIST) && extname(file) && existsSync(file) ? file : join(DIST, 'index.html');
    response.writeHead(200, { 'Content-Type': TYPES[extname(chosen)] ?? 'application/octet-stream', 'Content-Security-Policy': POLICY, 'X-Content-Type-Options': 'nosniff' });
    if (chosen === join(DIST, 'index.html')) return response.end(readFileSync(chosen, 'utf8').replaceAll('="./', '="/'));
    return createReadStream(chosen).pipe(response);
  }
  const path = url.pathname.slice('/api/v1'.length);
  const signedIn = /(?:^|; )tlsfleet_session=ok/.test(request.headers.cookie ?? '');
  const text = await read(request);
  if (path === '/session') {
    const session = { user: 'admin', role: 'admin', version: '0.1.0' };
    if (request.method === 'DELETE') return send({ status: 204, headers: { 'Set-Cookie': 'tlsfleet_session=; Max-Age=0; Path=/' } });
    if (request.method === 'GET') return send(signedIn ? { body: session } : problem(401, 'Sign in.'));
    return JSON.parse(text).token === 'mock-token' ? send({ body: session, headers: { 'Set-Cookie': 'tlsfleet_session=ok; HttpOnly; SameSite=Strict; Path=/' } }) : send(problem(401, 'This token is not known.'));
  }
  if (!signedIn) return send(problem(401, 'Sign in.'));
  if (path === '/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    response.write(': hello\n\n');
    streams.add(response);
    request.on('close', () => streams.delete(response));
    return undefined;
  }
  for (const [method, pattern, answer] of ROUTES) {
    const match = pattern.exec(path);
    if (method !== request.method || !match) continue;
    try {
      const json = request.headers['content-type']?.includes('json') && text ? JSON.parse(text) : text;
      return send(answer(match.slice(1), url.searchParams, json));
    } catch (error) {
      return send(problem(500, String(error)));
    }
  }
  return send(problem(404, `${request.method} ${url.pathname} is not in the mock.`));
});
server.listen(Number(process.argv[2] ?? 8090), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
