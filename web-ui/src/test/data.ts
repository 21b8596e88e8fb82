import type { Endpoint, Finding, Report, Summary } from '../api/shapes';

export const HOSTILE = '<img src=x onerror=alert(1)>\u202Egro.live\u0007';

export const endpoint: Endpoint = {
  id: 7, targetId: 70, name: 'shop.example:443', host: 'shop.example', port: 443, sni: 'shop.example', starttls: null, state: 'findings', owner: 'web-team', site: 'local', policy: null, tags: {},
  grade: 'B', worst: 'high', findings: { critical: 0, high: 1, medium: 0, low: 0, info: 0 }, protocols: ['TLSv1.0', 'TLSv1.2'], notAfter: '2099-01-01T00:00:00.000Z', lastScanAt: '2026-11-21T08:00:00.000Z', nextScanAt: null, outcome: 'complete', reason: null,
};

export const finding: Finding = {
  id: 3, rule: 'certificate.chain-incomplete', severity: 'high', state: 'open', title: 'Incomplete chain', detail: 'The server leaves out "Example CA G2".', why: 'Clients that have not met it fail.', remedy: 'Append the intermediate.', evidence: { missing: HOSTILE }, reproduce: 'openssl s_client -connect shop.example:443', references: ['RFC 8446 4.4.2', 'javascript:alert(1)'], policy: 'public-web', cause: 'g2', endpointId: 7, endpoint: 'shop.example:443', owner: 'web-team', site: 'local', firstSeen: '2026-11-01T00:00:00.000Z', lastSeen: '2026-11-21T08:00:00.000Z', acknowledgement: null,
};

export const report: Report = {
  schema: 'tlsfleet.report/1',
  endpoint: { host: 'shop.example', address: '192.0.2.1', port: 443, sni: 'shop.example', starttls: null },
  scan: { startedAt: '2026-11-21T08:00:00.000Z', durationMillis: 41, depth: 'standard', outcome: 'partial', connections: 27, bytesSent: 1, bytesReceived: 2, handshakesCompleted: 1, scanner: 'tlsfleet/0.1.0' },
  coverage: [{ fact: '/resumption/TLSv1.3/psk', state: 'unknown', reason: 'read-timeout' }],
  protocols: { 'TLSv1.0': 'accepted', 'TLSv1.2': 'accepted', 'TLSv1.3': 'unknown' },
  cipherSuites: { 'TLSv1.2': { order: 'server', chachaWhenPreferred: false, suites: [{ code: '0xC02F', name: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' }, { code: '0x009C', name: 'TLS_RSA_WITH_AES_128_GCM_SHA256' }] } },
  certificates: [
    {
      keyType: 'RSA', servedOn: ['TLSv1.2'], servedWithoutSni: true,
      chain: [{ sha256: 'aa', spkiSha256: 'bb', subject: `CN=${HOSTILE}`, issuer: 'CN=Example CA G2', serialNumber: '01', notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2099-01-01T00:00:00.000Z', keyAlgorithm: 'RSA', keyBits: 2048, signatureAlgorithm: 'sha256WithRSAEncryption', subjectAltNames: ['DNS:shop.example'], extendedKeyUsages: [], mustStaple: false, ocspUrls: [], crlUrls: [], caIssuersUrls: [], scts: [], pem: '' }],
      completeness: 'missing-intermediate', order: ['correct'], missingIntermediates: [{ subject: 'CN=Example CA G2', fetchedFrom: 'aia', pem: 'PEM' }], hostname: { matches: true, matchedBy: 'DNS:shop.example', reason: null }, trust: [{ store: 'mozilla', status: 'untrusted', reason: 'no path', path: [] }], ocspStaple: { status: 'not-applicable' }, revocation: { status: 'not-checked' },
    },
  ],
  findings: [finding as Report['findings'][number]],
  grades: { 'ssllabs-2009r': { grade: 'B', score: 84, arithmetic: ['capped at B: incomplete chain'], atBest: true } } as unknown as Report['grades'],
};

export const summary: Summary = {
  at: '2026-11-21T08:00:00.000Z', endpoints: { total: 10, ok: 6, findings: 3, unreachable: 1, neverScanned: 0 }, seenLastDay: 9, coverage: { unknown: 2 }, findingsOpen: { critical: 1, high: 2, medium: 0, low: 0, info: 0 },
  causes: [{ cause: 'g2', rule: 'certificate.chain-incomplete', severity: 'high', title: 'Incomplete chain', endpoints: 2, owners: 1, since: '2026-11-01T00:00:00.000Z' }],
  expiry: [], stages: {}, protocols: { 'TLSv1.0': 3, 'TLSv1.2': 9 }, keyExchange: { hybrid: 1, total: 9 }, trend: [], owners: [{ owner: 'web-team', endpoints: 4, critical: 1, high: 2, medium: 0, low: 0 }], sites: [],
  scanner: { scansPerSecond: 1.5, due: 0, oldestDueSeconds: 0, leasesHeld: 0, workers: 1, stuck: 0 },
};
