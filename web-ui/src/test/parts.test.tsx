import { render } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { defused, Lined, Shown } from '../parts/shown';
import { ago, factWords, left, REASON_WORDS, referenceLink, stageOf } from '../parts/words';
import { suiteNote } from '../pages/endpoint/Suites';
import { parseHost, targetOf } from '../pages/endpoints/AddTarget';
import { matchersOf } from '../pages/alerting/RouteForm';
import { bars } from '../pages/overview/Expiry';
import { differences } from '../pages/endpoint/diff';
import { HOSTILE, report } from './data';

const DAY = 86_400_000;
const NOON = Date.parse('2026-11-21T12:00:00Z');

describe('text that a peer chose', () => {
  it('is shown as text, with its invisible characters visible', () => {
    const { container } = render(<Shown>{HOSTILE}</Shown>);
    expect(container.querySelector('img')).toBeNull();
    expect(container.textContent).toBe('<img src=x onerror=alert(1)>\\u202Egro.live\\u0007');
    expect(container.querySelectorAll('.escaped')).toHaveLength(2);
  });
  it.each([['\u200b', '\\u200B'], ['\u2066', '\\u2066'], ['\u0000', '\\u0000'], ['\u{e0041}', '\\u{E0041}'], ['\ud800', '\\uD800'], ['\n', '\\u000A']])('escapes %j', (text, escaped) => {
    expect(defused(`a${text}b`)).toBe(`a${escaped}b`);
  });
  it.each(['münchen.example', '日本語', 'عربي', '😀 ok', "it's"])('leaves %s alone', (text) => {
    expect(defused(text)).toBe(text);
  });
});

describe('text of several lines', () => {
  it('breaks where we broke it and hides nothing else', () => {
    const { container } = render(
      <pre>
        <Lined>{'ssl_protocols TLSv1.2 TLSv1.3;\nssl_ciphers \u202egro.live;'}</Lined>
      </pre>,
    );
    expect(container.textContent).toBe('ssl_protocols TLSv1.2 TLSv1.3;\nssl_ciphers \\u202Egro.live;');
  });
});

describe('references', () => {
  it('link only to known places or http addresses', () => {
    expect(referenceLink('RFC 8996')).toBe('https://www.rfc-editor.org/rfc/rfc8996');
    expect(referenceLink('CVE-2016-2183')).toContain('CVE-2016-2183');
    expect(referenceLink('https://ssl-config.mozilla.org/')).toBe('https://ssl-config.mozilla.org/');
  });
  it.each(['javascript:alert(1)', 'data:text/html,x', 'BR 6.3.2', 'https://a b'])('do not link %s', (text) => expect(referenceLink(text)).toBeUndefined());
});

describe('times', () => {
  it('say how long ago and what is left', () => {
    expect(ago('2026-11-21T11:58:00Z', NOON)).toBe('2 min ago');
    expect(ago(null, NOON)).toBe('never');
    expect(left('2026-11-26T12:00:00Z', NOON)).toBe('5 days left');
    expect(left('2026-11-20T12:00:00Z', NOON)).toBe('ended 24 h ago');
  });
  it('judge expiry by the share of the lifetime, not by days alone', () => {
    const of = (lifetime: number, rest: number) => stageOf(new Date(NOON - (lifetime - rest) * DAY).toISOString(), new Date(NOON + rest * DAY).toISOString(), NOON);
    expect(of(6, 2)).toBe('ok'); // a six-day certificate that renews at two thirds
    expect(of(90, 29)).toBe('ok');
    expect(of(90, 26)).toBe('info');
    expect(of(365, 29)).toBe('info');
    expect(of(365, 2)).toBe('high');
    expect(of(90, -1)).toBe('expired');
  });
});

describe('words', () => {
  it('has a plain sentence for every reason of the contract', () => {
    const reasons = ['dns-failure', 'connect-refused', 'connect-timeout', 'no-route', 'reset', 'closed', 'read-timeout', 'deadline', 'starttls-refused', 'not-tls', 'malformed', 'client-certificate-required', 'rate-limited', 'blocked-by-policy', 'unsupported', 'interrupted', 'internal'];
    expect(Object.keys(REASON_WORDS).sort()).toEqual(reasons.sort());
  });
  it('says whose doing it was that we were turned away', () => expect(REASON_WORDS['rate-limited']).toMatch(/^the server turned us away/));
  it('reads a JSON pointer aloud', () => expect(factWords('/resumption/TLSv1.3/earlyData')).toBe('resumption · TLS 1.3 · early data'));
  it.each([
    ['TLS_AES_128_GCM_SHA256', false],
    ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', false],
    ['TLS_RSA_WITH_AES_128_GCM_SHA256', true],
    ['TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA', true],
    ['TLS_RSA_WITH_NULL_SHA256', true],
    ['TLS_DH_anon_WITH_AES_128_CBC_SHA', true],
    ['TLS_ECDHE_RSA_WITH_RC4_128_SHA', true],
    ['SSL_CK_DES_64_CBC_WITH_MD5', true],
  ])('marks %s weak: %s', (name, weak) => expect(suiteNote(name).weak).toBe(weak));
});

describe('a target as people type it', () => {
  it.each([
    ['shop.example', 'shop.example', undefined],
    ['shop.example:8443', 'shop.example', '8443'],
    ['[2001:db8::1]:443', '2001:db8::1', '443'],
    ['2001:db8::1', '2001:db8::1', undefined],
    ['https://shop.example/cart?x=1', 'shop.example', undefined],
  ])('understands %s', (text, host, port) => expect(parseHost(text)).toEqual({ host, port }));
  it('sends only what was said', () => {
    const form = { host: ' a.example ', port: '443', sni: '', starttls: '', owner: '', policy: '', depth: '', interval: '', identity: '', tags: 'env:prod x', addresses: '127.0.0.1:8443, ::1' };
    expect(targetOf(form)).toEqual({ host: 'a.example', port: 443, tags: { env: 'prod', x: '' }, addresses: ['127.0.0.1:8443', '::1'] });
  });
  it('reads matchers', () => {
    expect(matchersOf('owner=web-team tag.env!=test rule=~"cert.*"')).toEqual([
      { name: 'owner', operator: '=', value: 'web-team' },
      { name: 'tag.env', operator: '!=', value: 'test' },
      { name: 'rule', operator: '=~', value: 'cert.*' },
    ]);
  });
});

describe('expiry bars', () => {
  it('puts each day into its bar and stacks owners by size', () => {
    const today = Date.parse('2026-11-21T00:00:00Z');
    const { bars: columns, owners } = bars([{ day: '2026-11-22', owner: 'a', certificates: 2 }, { day: '2026-11-23', owner: 'b', certificates: 5 }, { day: '2026-11-24', owner: 'a', certificates: 1 }, { day: '2030-01-01', owner: 'a', certificates: 9 }], today, 3);
    expect(owners).toEqual(['a', 'b']);
    expect(columns[0]?.parts.map((part) => [part.owner, part.count])).toEqual([['a', 2], ['b', 5]]);
    expect(columns[1]?.count).toBe(1);
    expect(columns).toHaveLength(30);
  });
});

describe('the difference of two reports', () => {
  it('names the facts that differ and nothing of the scan itself', () => {
    const later = structuredClone(report);
    later.scan.startedAt = '2026-11-22T00:00:00.000Z';
    later.scan.connections = 99;
    later.protocols = { ...later.protocols, 'TLSv1.3': 'accepted' };
    later.cipherSuites?.['TLSv1.2']?.suites.pop();
    const found = differences(report, later);
    expect(found.map((one) => one.fact).filter((fact) => !fact.includes('TLS_RSA_WITH_AES_128_GCM_SHA256'))).toEqual(['/protocols/TLSv1.3']);
    expect(found.filter((one) => one.fact.includes('TLS_RSA_WITH_AES_128_GCM_SHA256')).every((one) => one.after === undefined)).toBe(true);
    expect(found.length).toBeGreaterThan(1);
  });
  it('is nothing for the same facts', () => expect(differences(report, structuredClone(report))).toEqual([]));
  it('sees an order that changed', () => {
    const later = structuredClone(report);
    later.cipherSuites?.['TLSv1.2']?.suites.reverse();
    expect(differences(report, later).map((one) => one.fact)).toEqual(['/cipherSuites/TLSv1.2/suites/order of']);
  });
});
