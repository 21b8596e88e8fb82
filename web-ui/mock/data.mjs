// An estate that exists nowhere: enough of everything for the pages to be looked at. Seeded, so that two runs agree.
const DAY = 86_400_000;
export const NOW = Date.now();
const iso = (millis) => new Date(millis).toISOString();
let seed = 20261121;
const random = () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32);
const pick = (list) => list[Math.floor(random() * list.length)];
const hex = (length) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');

export const RULES = {
  'certificate.expired': ['critical', 'Certificate has expired', 'The leaf CN=NAME ended on 2026-11-02. Every client refuses it.', 'Renew it and load it; check that the renewal job reaches this host.', 'A client that checks dates ends the handshake.'],
  'certificate.chain-incomplete': ['high', 'Incomplete chain', 'The server leaves out "Example CA G2". Browsers that have not met it fail.', 'Append the intermediate: tlsfleet explain NAME --missing > g2.pem', 'The path needs a certificate that the server did not send.'],
  'protocol.tls10-accepted': ['high', 'TLS 1.0 is accepted', 'A TLS 1.0 handshake came whole, with TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA.', 'nginx: ssl_protocols TLSv1.2 TLSv1.3;', 'TLS 1.0 has been forbidden since 2021.'],
  'cipher.no-forward-secrecy': ['medium', 'No forward secrecy', 'TLS_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_256_GCM_SHA384 are accepted (TLS 1.2).', 'nginx: ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;', 'Who records today and gets the key tomorrow can read it.'],
  'protocol.tls13-missing': ['medium', 'TLS 1.3 is refused', 'The server refused TLS 1.3 by a protocol_version alert.', 'Upgrade to OpenSSL 1.1.1 or newer and allow TLSv1.3.', 'RFC 9325 wants it.'],
  'http.hsts-missing': ['medium', 'No HSTS', 'GET / answered 200 without Strict-Transport-Security.', 'add_header Strict-Transport-Security "max-age=63072000" always;', 'A first visit can be kept on plain HTTP.'],
  'ocsp.staple-missing': ['low', 'No OCSP staple', 'The leaf names a responder and nothing was stapled.', 'ssl_stapling on;', 'Clients ask the responder themselves.'],
  'kex.post-quantum-missing': ['info', 'No post-quantum key exchange', 'TLS 1.3 was agreed with x25519; X25519MLKEM768 was refused.', 'OpenSSL 3.5 offers it by default.', 'Recorded traffic may be read later.'],
};
const OWNERS = ['web-team', 'payments', 'mail-ops', 'platform', 'iot-lab', null];
const HOSTS = ['shop', 'www', 'api', 'pay', 'mail', 'imap', 'login', 'cdn', 'static', 'git', 'ci', 'wiki', 'vpn', 'ldap', 'db', 'mqtt', 'status', 'docs'];
const ZONES = ['example', 'example.net', 'internal.example'];

export const endpoints = [];
export const findings = [];
export const certificates = [];

function addCertificate(name, notAfter, owner) {
  const certificate = {
    sha256: hex(64), spkiSha256: hex(64), subject: `CN=${name}`, issuer: 'CN=Example CA G2, O=Example Trust', serialNumber: hex(20).toUpperCase(), names: [`DNS:${name}`, `DNS:www.${name}`],
    notBefore: iso(notAfter - 90 * DAY), notAfter: iso(notAfter), keyAlgorithm: pick(['RSA', 'EC']), keyBits: 2048, signatureAlgorithm: 'sha256WithRSAEncryption', endpoints: 1, owners: owner ? [owner] : [], leaf: true,
    stage: notAfter < NOW ? 'expired' : notAfter < NOW + 3 * DAY ? 'high' : notAfter < NOW + 7 * DAY ? 'medium' : notAfter < NOW + 14 * DAY ? 'low' : notAfter < NOW + 27 * DAY ? 'info' : 'ok', firstSeen: iso(NOW - 40 * DAY),
  };
  if (certificate.keyAlgorithm === 'EC') certificate.keyBits = 256;
  certificates.push(certificate);
  return certificate;
}

export function addEndpoint(host, port, given = {}) {
  const id = endpoints.length + 1;
  const owner = given.owner !== undefined ? given.owner : pick(OWNERS);
  const certificate = addCertificate(host, NOW + (random() * 88 - (random() < 0.04 ? 20 : 0)) * DAY, owner);
  const rules = given.rules ?? Object.keys(RULES).filter(() => random() < 0.13);
  const unreachable = given.unreachable ?? random() < 0.03;
  const counts = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  const name = `${host}:${port}`;
  if (!unreachable && !given.never)
    for (const rule of rules) {
      const [severity, title, detail, remedy, why] = RULES[rule];
      counts[severity]++;
      findings.push({ id: findings.length + 1, rule, severity, state: 'open', title, detail: detail.replaceAll('NAME', host), why, remedy: remedy.replaceAll('NAME', host), evidence: { alert: null, suite: 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA' }, reproduce: `openssl s_client -connect ${name} -tls1`, references: ['RFC 8996', 'CVE-2016-2183'], policy: 'public-web', cause: `${rule} ${owner ?? ''}`.trim(), endpointId: id, endpoint: name, owner, site: 'local', firstSeen: iso(NOW - random() * 30 * DAY), lastSeen: iso(NOW - 60_000), acknowledgement: null });
    }
  const worst = ['critical', 'high', 'medium', 'low', 'info'].find((severity) => counts[severity] > 0) ?? null;
  const endpoint = {
    id, targetId: id + 1000, name, host, port, sni: host, starttls: port === 25 ? 'smtp' : null, state: given.never ? 'never-scanned' : unreachable ? 'unreachable' : worst && worst !== 'info' ? 'findings' : 'ok', owner, site: 'local', policy: 'public-web',
    tags: { env: pick(['prod', 'test']) }, depth: null, intervalSeconds: 3600, grade: unreachable || given.never ? null : counts.critical ? 'F' : counts.high ? 'B' : 'A', worst, findings: counts, unknown: random() < 0.2 ? 1 : 0,
    protocols: unreachable || given.never ? [] : [...(rules.includes('protocol.tls10-accepted') ? ['TLSv1.0', 'TLSv1.1'] : []), 'TLSv1.2', ...(rules.includes('protocol.tls13-missing') ? [] : ['TLSv1.3'])],
    notAfter: given.never ? null : certificate.notAfter, stage: certificate.stage, certificate: given.never ? null : certificate.sha256, keyType: 'RSA', lastScanAt: given.never ? null : iso(NOW - random() * 3_600_000), nextScanAt: iso(NOW + random() * 3_600_000), scanning: false,
    outcome: given.never ? null : unreachable ? 'unreachable' : 'complete', reason: unreachable ? 'connect-timeout' : null, detail: null, changedAt: null, addresses: [{ address: `192.0.2.${id % 250}`, firstSeen: iso(NOW - 60 * DAY), lastSeen: iso(NOW - 60_000) }], rules, leaf: certificate,
  };
  endpoints.push(endpoint);
  return endpoint;
}

addEndpoint('shop.example', 443, { owner: 'web-team', rules: ['certificate.chain-incomplete', 'cipher.no-forward-secrecy', 'kex.post-quantum-missing'], unreachable: false });
addEndpoint('legacy.example', 443, { owner: 'payments', rules: ['protocol.tls10-accepted', 'cipher.no-forward-secrecy', 'protocol.tls13-missing'], unreachable: false });
for (let n = 0; n < 160; n++) addEndpoint(`${pick(HOSTS)}${n % 7 ? n : ''}.${pick(ZONES)}`, pick([443, 443, 443, 8443, 636, 25]));
// what a hostile server may put where people look
Object.assign(certificates[3], { subject: 'CN=<img src=x onerror=alert(1)>\u202Egro.live\u0007', names: ['DNS:"><script>alert(1)</script>', 'DNS:a\u200Bb.example'] });

export function summary() {
  const count = (state) => endpoints.filter((one) => one.state === state).length;
  const open = findings.filter((one) => one.state === 'open');
  const of = (list) => Object.fromEntries(['critical', 'high', 'medium', 'low', 'info'].map((severity) => [severity, list.filter((one) => one.severity === severity).length]));
  const causesList = causes();
  const groups = (key) => [...new Set(endpoints.map((one) => one[key]))].map((value) => ({ [key]: value ?? undefined, endpoints: endpoints.filter((one) => one[key] === value).length, ...of(open.filter((one) => one[key] === value)) })).sort((a, b) => b.critical * 100 + b.high * 10 - a.critical * 100 - a.high * 10);
  const days = new Map();
  for (const one of certificates) {
    const key = `${one.notAfter.slice(0, 10)} ${one.owners[0] ?? ''}`;
    days.set(key, (days.get(key) ?? 0) + 1);
  }
  const answered = endpoints.filter((one) => one.protocols.length > 0);
  const protocols = Object.fromEntries(['SSLv3', 'TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'].map((protocol) => [protocol, answered.filter((one) => one.protocols.includes(protocol)).length]));
  return {
    at: iso(Date.now()), endpoints: { total: endpoints.length, ok: count('ok'), findings: count('findings'), unreachable: count('unreachable'), neverScanned: count('never-scanned') }, needAttention: { now: count('findings'), weekAgo: count('findings') + 18 }, seenLastDay: answered.length,
    coverage: { unknown: 31, endpointsWithUnknown: 27 }, findingsOpen: of(open), findingsAcknowledged: findings.length - open.length, causes: causesList,
    expiry: [...days].map(([key, certificatesCount]) => ({ day: key.slice(0, 10), owner: key.slice(11) || null, certificates: certificatesCount })), stages: Object.fromEntries(['expired', 'critical', 'high', 'medium', 'low', 'info', 'ok'].map((stage) => [stage, certificates.filter((one) => one.stage === stage).length])),
    protocols, grades: {}, keyExchange: { hybrid: 51, total: answered.length },
    trend: Array.from({ length: 90 }, (_, n) => ({ day: iso(NOW - (89 - n) * DAY).slice(0, 10), protocols: { 'TLSv1.3': 90 + Math.round(n / 2), 'TLSv1.2': 156 - Math.round(n / 12), 'TLSv1.1': 40 - Math.round(n / 5), 'TLSv1.0': 44 - Math.round(n / 4) }, hybrid: Math.round(n / 2), endpoints: 160, asked: 160, findings: 100 })),
    owners: groups('owner'), sites: groups('site'), scanner: { scansPerSecond: 38, due: 4, oldestDueSeconds: 4, leasesHeld: 12, workers: 1, stuck: 0 }, notifications: { pending: 0, dead: 0 },
  };
}

export function causes() {
  const by = new Map();
  for (const one of findings.filter((finding) => finding.state === 'open')) by.set(one.cause, [...(by.get(one.cause) ?? []), one]);
  const order = ['critical', 'high', 'medium', 'low', 'info'];
  return [...by]
    .map(([cause, list]) => ({ cause, rule: list[0].rule, severity: list[0].severity, title: list[0].title, detail: list[0].detail, remedy: list[0].remedy, endpoints: list.length, owners: new Set(list.map((one) => one.owner)).size, since: list.map((one) => one.firstSeen).sort()[0], endpointsWeekAgo: list.length + 3, examples: list.slice(0, 3).map((one) => ({ findingId: one.id, endpointId: one.endpointId, endpoint: one.endpoint })) }))
    .sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || b.endpoints - a.endpoints);
}
