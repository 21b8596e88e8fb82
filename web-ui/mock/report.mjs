// The latest report of an endpoint of the mock estate.
import { findings } from './data.mjs';

const suite = (code, name) => ({ code, name });

export function report(endpoint, older = false) {
  const legacy = endpoint.rules.includes('protocol.tls10-accepted');
  const incomplete = endpoint.rules.includes('certificate.chain-incomplete');
  const leaf = endpoint.leaf;
  const chained = (certificate, subject, issuer) => ({ ...certificate, subject, issuer, subjectAltNames: certificate.names ?? [], extendedKeyUsages: ['serverAuth'], mustStaple: false, ocspUrls: [], crlUrls: [], caIssuersUrls: [], scts: [], pem: '-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n' });
  const intermediate = { ...leaf, sha256: '5'.repeat(64), names: [], notAfter: '2029-05-01T00:00:00.000Z' };
  const answer = {
    schema: 'tlsfleet.report/1',
    endpoint: { host: endpoint.host, address: endpoint.addresses[0].address, port: endpoint.port, sni: endpoint.sni, starttls: endpoint.starttls },
    scan: { startedAt: endpoint.lastScanAt, durationMillis: 412, depth: 'standard', outcome: endpoint.outcome, connections: 27, bytesSent: 9123, bytesReceived: 40123, handshakesCompleted: 3, scanner: 'tlsfleet/0.1.0', ...(endpoint.reason ? { reason: endpoint.reason } : {}) },
    coverage: endpoint.outcome === 'unreachable' ? [] : [{ fact: '/resumption/TLSv1.3/psk', state: 'unknown', reason: 'read-timeout' }, { fact: '/vulnerabilities/heartbleed', state: 'not-asked', reason: null }],
    findings: findings.filter((one) => one.endpointId === endpoint.id && one.state !== 'resolved'),
    grades: { 'ssllabs-2009r': { grade: endpoint.grade ?? 'F', score: 84, arithmetic: ['protocol 95 × 0.3', 'key 90 × 0.3', 'cipher 90 × 0.4', 'capped at B: incomplete chain'], atBest: true }, 'mozilla-6.0': { level: 'none', deviations: ['TLS_RSA_WITH_AES_128_GCM_SHA256 is not in intermediate'] } },
  };
  if (endpoint.outcome === 'unreachable') return answer;
  return {
    ...answer,
    negotiated: { protocol: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256', group: 'x25519', signatureScheme: 'rsa_pss_rsae_sha256', alpn: 'h2' },
    protocols: { SSLv2: 'refused', SSLv3: 'refused', 'TLSv1.0': legacy ? 'accepted' : 'refused', 'TLSv1.1': legacy ? 'accepted' : 'refused', 'TLSv1.2': 'accepted', 'TLSv1.3': older ? 'refused' : 'accepted' },
    cipherSuites: {
      'TLSv1.2': { order: 'server', chachaWhenPreferred: false, suites: [suite('0xC02F', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'), suite('0xC030', 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'), ...(older ? [] : [suite('0x009C', 'TLS_RSA_WITH_AES_128_GCM_SHA256')])] },
      ...(older ? {} : { 'TLSv1.3': { order: 'client', chachaWhenPreferred: null, suites: [suite('0x1301', 'TLS_AES_128_GCM_SHA256'), suite('0x1302', 'TLS_AES_256_GCM_SHA384'), suite('0x1303', 'TLS_CHACHA20_POLY1305_SHA256')] } }),
    },
    groups: { 'TLSv1.2': { order: 'server', groups: [suite('0x001D', 'x25519'), suite('0x0017', 'secp256r1')] }, 'TLSv1.3': { order: 'client', prefersOfferedShare: true, helloRetryRequest: true, groups: [suite('0x11EC', 'X25519MLKEM768'), suite('0x001D', 'x25519')] } },
    signatureSchemes: { 'TLSv1.2': ['rsa_pkcs1_sha256'], 'TLSv1.3': ['rsa_pss_rsae_sha256'] },
    certificates: [
      {
        keyType: 'RSA', servedOn: ['TLSv1.2', 'TLSv1.3'], servedWithoutSni: true,
        chain: [chained(leaf, leaf.subject, leaf.issuer), ...(incomplete ? [] : [chained(intermediate, 'CN=Example CA G2, O=Example Trust', 'CN=Example Root X1, O=Example Trust')])],
        completeness: incomplete ? 'missing-intermediate' : 'complete', order: ['correct'], missingIntermediates: incomplete ? [{ subject: 'CN=Example CA G2, O=Example Trust', fetchedFrom: 'aia', pem: '-----BEGIN CERTIFICATE-----\nMIIC…\n-----END CERTIFICATE-----' }] : [],
        hostname: { matches: true, matchedBy: `DNS:${endpoint.host}`, reason: null },
        trust: [{ store: 'mozilla', status: incomplete ? 'untrusted' : 'trusted', reason: incomplete ? 'no path to an anchor with what was sent' : null, path: [] }, { store: 'site local', status: 'trusted', reason: null, path: [] }],
        ocspStaple: { status: 'not-applicable', reason: null }, revocation: { status: 'not-checked', via: null, checkedAt: null },
      },
    ],
    alpn: { accepted: ['h2', 'http/1.1'], onMismatch: 'ignored' }, sni: { unknownName: 'default-certificate' },
    resumption: { 'TLSv1.2': { sessionId: 'refused', ticket: 'accepted', ticketLifetimeSeconds: 300, ticketKeyName: '6c1f0a3de1b24c889e10aa57b6e3d2f4' }, 'TLSv1.3': { psk: 'unknown', ticketsPerHandshake: 2, ticketLifetimeSeconds: 7200, earlyData: 'refused' } },
    clientAuthentication: { mode: 'none', enforcement: 'none', authorities: [], signatureSchemes: [] },
    features: { extendedMasterSecret: 'accepted', encryptThenMac: 'refused', secureRenegotiation: 'accepted', compression: 'refused', fallbackScsv: 'accepted', recordSizeLimit: 16385 },
    tolerance: { futureVersion: 'accepted', grease: 'accepted', largeClientHello: 'accepted' },
    vulnerabilities: [{ id: 'heartbleed', state: 'not-asked' }, { id: 'sweet32', state: 'not-vulnerable', evidence: 'no 64-bit block suite accepted' }],
    fingerprints: { jarm: null, ja3s: [{ hello: 'tls13-modern', hash: '15af977ce25de452b96affa2addb1036', text: '771,4865,43-51' }] },
    timing: { tcpConnectMicros: 210, fullHandshakeMicros: { 'TLSv1.2': 1900, 'TLSv1.3': 1400 } },
    http: { status: 200, hsts: null, server: 'nginx', clockSkewSeconds: 0 },
  };
}
