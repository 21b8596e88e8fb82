/** What differs between two reports, fact by fact. Times, counts and serials of a scan are no facts of the endpoint. */
import type { Report } from '../../api/shapes';

export interface Difference {
  fact: string;
  before?: string;
  after?: string;
}

const NOT_FACTS = ['schema', 'scan', 'judged', 'timing', 'findings', 'waived', 'grades', 'coverage'];
/** Lists that are read by name: their members are facts, their places are not. */
const NAMED: Record<string, (item: Record<string, unknown>) => string> = {
  suites: (item) => String(item.name),
  groups: (item) => String(item.name),
  chain: (item) => String(item.subject),
  certificates: (item) => String(item.keyType),
  vulnerabilities: (item) => String(item.id),
  ja3s: (item) => String(item.hello),
  ja4s: (item) => String(item.hello),
  trust: (item) => String(item.store),
};
const SILENT = new Set(['pem', 'scts', 'ticketKeyName', 'path', 'producedAt', 'thisUpdate', 'nextUpdate', 'checkedAt', 'clockSkewSeconds']);

export function flatten(value: unknown, path = '', into = new Map<string, string>()): Map<string, string> {
  if (value === null || value === undefined) return into;
  const key = path.slice(path.lastIndexOf('/') + 1);
  if (SILENT.has(key)) return into;
  if (Array.isArray(value)) {
    const name = NAMED[key];
    if (name) {
      value.forEach((item: Record<string, unknown>) => flatten(item, `${path}/${name(item).replaceAll('~', '~0').replaceAll('/', '~1')}`, into));
      const order = value.map((item: Record<string, unknown>) => name(item)).join(', ');
      if (key === 'suites' || key === 'groups') into.set(`${path}/order of`, order);
    } else into.set(path, value.map((one) => (typeof one === 'object' ? JSON.stringify(one) : String(one))).join(', '));
  } else if (typeof value === 'object') {
    const entries = Object.entries(value);
    for (const [part, one] of entries) flatten(one, `${path}/${part}`, into);
  } else into.set(path, String(value));
  return into;
}

function factsOf(report: Report): Map<string, string> {
  return flatten(Object.fromEntries(Object.entries(report).filter(([part]) => !NOT_FACTS.includes(part))));
}

export function differences(before: Report, after: Report): Difference[] {
  const old = factsOf(before);
  const fresh = factsOf(after);
  const result: Difference[] = [];
  for (const fact of new Set([...old.keys(), ...fresh.keys()])) {
    const was = old.get(fact);
    const is = fresh.get(fact);
    if (was === is) continue;
    // the order says nothing new when members came or went
    if (fact.endsWith('/order of') && was?.split(', ').sort().join() !== is?.split(', ').sort().join()) continue;
    result.push({ fact, before: was, after: is });
  }
  return result;
}
