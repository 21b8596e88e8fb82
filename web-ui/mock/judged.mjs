// What the product works out when it is asked: why clients fail, who would be lost by a change, what fails on a day to come.
import { causes, endpoints, findings, NOW, RULES } from './data.mjs';

const iso = (millis) => new Date(millis).toISOString();
const day = (ago) => iso(NOW - ago * 864e5).slice(0, 10);
const bare = { minVersion: null, denySuites: [], denyGroups: [], onlyGroups: [] };
export const PROPOSALS = [
  { name: 'tls13-only', title: 'TLS 1.3 only', ...bare, minVersion: 'TLSv1.3' },
  { name: 'no-cbc', title: 'No CBC suites', ...bare, denySuites: ['TLS_*_CBC_*'] },
];
const CLIENTS = [
  ['t13d1516h2_8daaf6152771_d8a2da3f94cd', ['Chrome 130'], 48211, ['TLSv1.3', 'TLSv1.2'], ['0x1301', '0xC02F'], ['0x11EC', '0x001D']],
  ['t12d190800_d83cc789557e_7af1ed941c26', ['Java 8'], 902, ['TLSv1.2'], ['0xC02F', '0x002F'], ['0x0017']],
  ['t12i0605h1_f57a46bbacb6_e7c285222651', [], 37, null, null, null],
];
const proposed = (query) => PROPOSALS.find((one) => one.name === query.get('proposal')) ?? PROPOSALS[0];
const way = (version) => ({ connects: version !== null, version, cipherSuite: version === 'TLSv1.3' ? 'TLS_AES_128_GCM_SHA256' : version && 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', group: version && 'x25519', helloRetry: false, reason: version ? null : 'no version in common' });

function outcome(versions, proposal, endpoint) {
  const shared = ['TLSv1.3', 'TLSv1.2'].filter((version) => versions.includes(version) && endpoint.protocols.includes(version));
  const left = proposal.minVersion ? shared.filter((version) => version === proposal.minVersion) : shared;
  return { outcome: shared.length === 0 ? 'fails-today' : left.length === 0 ? 'breaks' : 'connects', today: way(shared[0] ?? null), proposed: way(left[0] ?? null) };
}

export function diagnosis(endpoint) {
  const open = findings.filter((one) => one.endpointId === endpoint.id && one.state !== 'resolved').map((one) => one.rule);
  const causes = [
    ['certificate.expired', 'certificate-expired', 'every client', 'The certificate has ended.', ['NET::ERR_CERT_DATE_INVALID']],
    ['certificate.chain-incomplete', 'missing-intermediate', 'clients that fetch nothing', 'The server leaves out a certificate of its chain.', ['unable to get local issuer certificate', 'PKIX path building failed']],
    ['protocol.tls13-missing', 'no-common-protocol', 'clients of TLS 1.3 alone', 'TLS 1.2 is the highest that the server speaks.', ['ERR_SSL_VERSION_OR_CIPHER_MISMATCH']],
  ].filter(([rule]) => open.includes(rule));
  return { outcome: endpoint.outcome ?? 'unreachable', stack: 'nginx', causes: causes.map(([rule, cause, affects, explanation, seenAs]) => ({ cause, affects, explanation, remedy: RULES[rule][3], seenAs, evidence: [] })) };
}

export function endpointWhatIf(endpoint, query) {
  const proposal = proposed(query);
  const seen = CLIENTS.map(([fingerprint, names, count, versions]) => ({ kind: 'ja4', fingerprint, names, count, firstDay: day(29), lastDay: day(0), profiled: versions !== null, ...(versions ? outcome(versions, proposal, endpoint) : { outcome: 'unknown', today: way(null), proposed: way(null) }) }));
  const known = [['Chrome 130', ['TLSv1.3', 'TLSv1.2']], ['Java 8', ['TLSv1.2']]].map(([name, versions]) => ({ name, ...outcome(versions, proposal, endpoint) }));
  const sum = (word) => seen.filter((one) => one.outcome === word).reduce((total, one) => total + one.count, 0);
  const totals = { fingerprints: seen.length, connections: seen.reduce((total, one) => total + one.count, 0), breaks: sum('breaks'), unknown: sum('unknown'), 'fails-today': sum('fails-today'), connects: sum('connects'), hidden: 2 };
  return { endpoint: { id: endpoint.id, name: endpoint.name }, proposal, assumptions: [], kind: 'ja4', totals, seen, known };
}

export function clients(query) {
  const kind = query.get('kind') ?? 'ja4';
  const items = kind === 'ja4' ? CLIENTS.map(([fingerprint, names, count, versions, cipherSuites, groups]) => ({ kind, fingerprint, names, count, endpoints: 12, firstDay: day(29), lastDay: day(0), ...(versions ? { profile: { versions, cipherSuites, groups, signatureSchemes: null, keyShares: null } } : {}) })) : [];
  return { items, nextCursor: null, hidden: 2, kinds: [{ kind: 'ja4', count: 49150, fingerprints: 3 }], days: 30 };
}

export function estateWhatIf(query) {
  const proposal = proposed(query);
  const answering = endpoints.filter((one) => one.protocols.length > 0).slice(0, 12);
  const items = CLIENTS.map(([fingerprint, names, count, versions]) => {
    const lost = versions ? answering.filter((one) => outcome(versions, proposal, one).outcome === 'breaks') : [];
    const each = Math.floor(count / answering.length);
    return { kind: 'ja4', fingerprint, names, count, breaks: versions ? lost.length * each : null, unknown: versions ? 0 : null, places: lost.slice(0, 3).map((one) => ({ id: one.id, name: one.name, count: each })) };
  });
  return { proposal, kind: 'ja4', endpoints: answering.length, truncated: false, items };
}

/** Judged in two pages, as the product does with a large estate. */
export function forecast(query) {
  const at = query.get('at') ?? iso(NOW);
  const half = Math.ceil(endpoints.length / 2);
  const second = query.get('cursor') !== null;
  const part = (second ? endpoints.slice(half) : endpoints.slice(0, half)).filter((one) => !query.get('owner') || one.owner === query.get('owner'));
  const ending = part.filter((one) => one.notAfter && one.notAfter > iso(NOW) && one.notAfter < at);
  const group = { kind: 'unless-renewed', rule: 'certificate.expired', severity: 'critical', title: 'Certificate has expired', endpoints: ending.length, from: null, source: null, examples: ending.slice(0, 3).map((one) => ({ endpointId: one.id, endpoint: one.name, detail: `It ends on ${one.notAfter.slice(0, 10)}.`, from: one.notAfter })) };
  return { at, policy: query.get('policy'), endpoints: part.length, total: endpoints.length, appear: ending.length, vanish: 0, byRule: ending.length > 0 ? [group] : [], nextCursor: second ? null : String(half) };
}

/** The three worst causes fire. */
export function alerts() {
  return causes().slice(0, 3).map((one, n) => ({ id: n + 1, cause: one.cause, rule: one.rule, severity: one.severity, state: n === 2 ? 'acknowledged' : 'firing', title: `${one.title} on ${one.endpoints} endpoints`, endpoints: one.endpoints, since: iso(NOW - (n + 1) * 864e5), resolvedAt: null, lastNotifiedAt: iso(NOW - 36e5), transitions: 1, ackBy: n === 2 ? 'admin' : null, ackReason: n === 2 ? 'CHG-17' : null, ackUntil: null, toldTo: ['web-team chat'] }));
}

export function alert(id) {
  const one = alerts().find((each) => each.id === id);
  if (!one) return undefined;
  const of = causes().find((each) => each.cause === one.cause);
  const examples = findings.filter((each) => each.cause === one.cause).slice(0, 3).map((each) => ({ endpointId: each.endpointId, name: each.endpoint }));
  return { ...one, detail: of.detail, why: RULES[one.rule][4], remedy: of.remedy, owners: ['web-team'], groups: [{ owner: 'web-team', site: 'local', policy: null, tags: {}, endpoints: one.endpoints, examples }], ways: [{ receiverId: 1, receiver: 'web-team chat', afterSeconds: 30, heard: true }], hiddenUntil: null };
}

export function oddOnes() {
  const [odd, like] = endpoints;
  return [{ of: 'certificate CN=www.example', alike: 18, total: 19, values: ['15af977ce25de452b96affa2addb1036'], exampleId: like.id, example: like.name, odd: [{ id: odd.id, name: odd.name, values: ['f4febc55ea12b31ae17cfb7e614afda8'], sharedWith: 0 }] }];
}
