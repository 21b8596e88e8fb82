/** What fails on a day to come, or by another policy: the stored fleet is judged page by page, and the answer grows. */
import { Button, Select, TextInput } from '@mantine/core';
import { useRef, useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import type { Policy, WhatIf as Page, WhatIfGroup } from '../../api/shapes';
import { SeverityMark } from '../../parts/marks';
import { Empty, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { plural, SEVERITIES } from '../../parts/words';

const KINDS: Record<WhatIfGroup['kind'], string> = {
  appears: 'Will be found',
  announced: 'Announced: the next one will not do',
  'unless-renewed': 'Ends by then, unless it is renewed',
  vanishes: 'Will no longer be found',
};
const MARCH_2027 = '2027-03-15';

interface Sum {
  judged: number;
  total: number;
  groups: WhatIfGroup[];
  running: boolean;
}

export function WhatIf({ policies }: { policies: Policy[] }) {
  const [day, setDay] = useState(MARCH_2027);
  const [policy, setPolicy] = useState('');
  const [owner, setOwner] = useState('');
  const [sum, setSum] = useState<Sum>();
  const [error, setError] = useState<string>();
  const turn = useRef(0);

  const ask = async (event: FormEvent) => {
    event.preventDefault();
    const mine = ++turn.current;
    setError(undefined);
    let now: Sum = { judged: 0, total: 0, groups: [], running: true };
    setSum(now);
    let cursor: string | undefined;
    try {
      do {
        const page: Page = await api.get<Page>('/whatif', { at: day ? `${day}T00:00:00.000Z` : undefined, policy, owner: owner.trim(), cursor });
        if (mine !== turn.current) return;
        cursor = page.nextCursor ?? undefined;
        now = { judged: now.judged + page.endpoints, total: page.total, groups: together(now.groups, page.byRule), running: cursor !== undefined };
        setSum(now);
      } while (cursor);
    } catch (problem) {
      if (mine === turn.current) {
        setError(problem instanceof Error ? problem.message : String(problem));
        setSum(undefined);
      }
    }
  };

  return (
    <Panel title="What if …" id="whatif">
      <form className="actions" style={{ alignItems: 'flex-end' }} onSubmit={(event) => void ask(event)}>
        <TextInput label="What fails on" type="date" size="sm" value={day} onChange={(event) => setDay(event.currentTarget.value)} />
        <Select label="judged by" size="sm" data={[{ value: '', label: 'its own policy' }, ...policies.map((one) => ({ value: one.name, label: one.title ?? one.name }))]} value={policy} onChange={(value) => setPolicy(value ?? '')} allowDeselect={false} />
        <TextInput label="of owner" size="sm" placeholder="everybody" value={owner} onChange={(event) => setOwner(event.currentTarget.value)} />
        <Button type="submit" size="sm" loading={sum?.running} disabled={day === '' && policy === ''}>
          Judge
        </Button>
      </form>
      {error ? (
        <p role="alert" className="severity tone-critical">
          {error}
        </p>
      ) : null}
      {sum ? (
        <div className="stack" style={{ marginTop: '0.8rem' }}>
          <p className="quiet" role="status">
            {sum.running ? `${sum.judged} of ${sum.total} endpoints judged …` : `${plural(sum.judged, 'endpoint')} judged from what is stored; nothing was scanned.`}
          </p>
          {(Object.keys(KINDS) as WhatIfGroup['kind'][]).map((kind) => (
            <Kind key={kind} title={KINDS[kind]} groups={sum.groups.filter((group) => group.kind === kind)} />
          ))}
          {!sum.running && sum.groups.length === 0 ? <Empty title="No difference.">Every endpoint gives the same findings as today.</Empty> : null}
        </div>
      ) : null}
    </Panel>
  );
}

function together(known: WhatIfGroup[], more: WhatIfGroup[]): WhatIfGroup[] {
  const by = new Map(known.map((group) => [key(group), group]));
  for (const group of more) {
    const old = by.get(key(group));
    by.set(key(group), old ? { ...old, endpoints: old.endpoints + group.endpoints, from: earlier(old.from, group.from), examples: [...old.examples, ...group.examples].slice(0, 10) } : group);
  }
  return [...by.values()].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.endpoints - a.endpoints);
}

const key = (group: WhatIfGroup) => `${group.kind} ${group.rule} ${group.severity} ${group.title}`;
const earlier = (a: string | null, b: string | null) => (a && b ? (a < b ? a : b) : (a ?? b));

function Kind({ title, groups }: { title: string; groups: WhatIfGroup[] }) {
  if (groups.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      {groups.map((group) => (
        <details key={key(group)} className="whatif">
          <summary>
            <SeverityMark severity={group.severity} /> <Shown>{group.title}</Shown> · {plural(group.endpoints, 'endpoint')}
            {group.from ? ` · first on ${group.from.slice(0, 10)}` : ''}
          </summary>
          <ul>
            {group.examples.map((one) => (
              <li key={one.endpointId}>
                <To to={`/endpoints/${one.endpointId}`}>
                  <Shown>{one.endpoint}</Shown>
                </To>
                : <Shown>{one.detail}</Shown>
              </li>
            ))}
            {group.endpoints > group.examples.length ? <li className="quiet">and {group.endpoints - group.examples.length} more</li> : null}
          </ul>
          <p className="quiet">
            rule <code>{group.rule}</code>
            {group.source ? (
              <>
                {' '}
                · <Shown>{group.source}</Shown>
              </>
            ) : null}
          </p>
        </details>
      ))}
    </section>
  );
}
