/** How numbers, times and the product's closed words read to a person. */
import type { Severity } from '../api/shapes';

export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];
export const PROTOCOLS = ['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

export const number = (value: number | undefined | null): string => (value === undefined || value === null ? '–' : whole.format(value));
export const decimal = (value: number): string => tenth.format(value);
export const percent = (part: number, all: number): string => (all > 0 ? `${tenth.format(Math.floor((1000 * part) / all) / 10)} %` : '–');
export const plural = (count: number, one: string, many = `${one}s`): string => `${whole.format(count)} ${count === 1 ? one : many}`;

export function protocolName(word: string): string {
  return word.replace(/^TLSv/, 'TLS ').replace(/^SSLv/, 'SSL ');
}

export function endpointName(endpoint: { name?: string; endpoint?: string; host?: string; port?: number }): string {
  if (endpoint.name) return endpoint.name;
  if (typeof endpoint.endpoint === 'string') return endpoint.endpoint;
  const host = endpoint.host ?? '';
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${endpoint.port}` : `${host}:${endpoint.port}`;
}

const DAY = 86_400_000;

export function span(millis: number): string {
  const size = Math.abs(millis);
  if (size < 1_000) return `${Math.round(size)} ms`;
  if (size < 60_000) return `${Math.round(size / 1_000)} s`;
  if (size < 3_600_000) return `${Math.round(size / 60_000)} min`;
  if (size < 2 * DAY) return `${Math.round(size / 3_600_000)} h`;
  return plural(Math.floor(size / DAY), 'day');
}

export function ago(at: string | null | undefined, now: number): string {
  if (!at) return 'never';
  const past = now - Date.parse(at);
  if (Number.isNaN(past)) return at;
  if (Math.abs(past) < 5_000) return 'just now';
  return past > 0 ? `${span(past)} ago` : `in ${span(past)}`;
}

/** What is left of a certificate, in the words of the list. */
export function left(notAfter: string | null | undefined, now: number): string {
  if (!notAfter) return '–';
  const rest = Date.parse(notAfter) - now;
  if (Number.isNaN(rest)) return notAfter;
  return rest < 0 ? `ended ${span(rest)} ago` : `${span(rest)} left`;
}

/** The rule's own stages: a number of days or a share of the lifetime, whichever is less. */
const STAGES: [stage: string, days: number, share: number][] = [
  ['critical', 1, 0.05],
  ['high', 3, 0.1],
  ['medium', 7, 0.15],
  ['low', 14, 0.25],
  ['info', 30, 0.3],
];

export function stageOf(notBefore: string | undefined, notAfter: string | undefined, now: number): string {
  if (!notAfter) return 'unknown';
  const end = Date.parse(notAfter);
  if (end < now) return 'expired';
  const lifetime = notBefore ? end - Date.parse(notBefore) : Number.POSITIVE_INFINITY;
  for (const [stage, days, share] of STAGES) if (end - now <= Math.min(days * DAY, lifetime * share)) return stage;
  return 'ok';
}

export const STATE_WORDS: Record<string, string> = {
  ok: 'as expected',
  findings: 'needs attention',
  unreachable: 'unreachable',
  'never-scanned': 'not scanned yet',
};

/** Why a fact is not known: every reason of contract §2, said to someone who does not read specifications. */
export const REASON_WORDS: Record<string, string> = {
  'dns-failure': 'the name did not resolve',
  'connect-refused': 'the connection was refused',
  'connect-timeout': 'nothing answered the connection in time',
  'no-route': 'there is no route to that address',
  reset: 'the connection was reset before an answer came',
  closed: 'the connection was closed before an answer came',
  'read-timeout': 'the server was asked and stayed silent',
  deadline: 'the time for this scan ran out first',
  'starttls-refused': 'the server would not start TLS',
  'not-tls': 'what came back was not TLS',
  malformed: 'what came back could not be read',
  'client-certificate-required': 'the server says this only to clients with a certificate',
  'rate-limited': 'the server turned us away for now, perhaps for asking too often',
  'blocked-by-policy': 'this address may not be scanned from this site',
  unsupported: 'this scanner cannot ask that',
  interrupted: 'the scan was interrupted',
  internal: 'the scanner failed here; this is ours to mend',
};

export const OUTCOME_WORDS: Record<string, string> = {
  complete: 'complete',
  partial: 'partial: something stayed unknown',
  'not-tls': 'not TLS',
  unreachable: 'unreachable',
};

/** A JSON pointer into the report, as words: /resumption/TLSv1.3/psk → resumption · TLS 1.3 · psk. */
export function factWords(pointer: string): string {
  return pointer
    .split('/')
    .filter(Boolean)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^(TLSv|SSLv)/.test(part) ? protocolName(part) : /^[A-Z0-9_]+$/.test(part) ? part : part.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()))
    .join(' · ');
}

/** Where a reference can be read. Only these forms become links; anything else stays text. */
export function referenceLink(reference: string): string | undefined {
  const rfc = /^RFC ?(\d+)/.exec(reference);
  if (rfc) return `https://www.rfc-editor.org/rfc/rfc${rfc[1]}`;
  const cve = /^CVE-\d{4}-\d+/.exec(reference);
  if (cve) return `https://www.cve.org/CVERecord?id=${cve[0]}`;
  return /^https?:\/\/[^\s]+$/.test(reference) ? reference : undefined;
}
