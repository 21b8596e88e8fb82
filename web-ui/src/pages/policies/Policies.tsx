/** What endpoints are judged by, and what a policy or a date would change. */
import { Button, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { useAll } from '../../api/queries';
import type { Policy, WhatIf } from '../../api/shapes';
import { SeverityMark } from '../../parts/marks';
import { Answer, Empty, listOf, Page, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { number, plural, referenceLink } from '../../parts/words';

const COLUMNS: Column<Policy>[] = [
  {
    id: 'name',
    header: 'Policy',
    cell: (row) => (
      <>
        <strong>
          <Shown>{row.name}</Shown>
        </strong>{' '}
        <span className="quiet">
          <Shown>{row.version}</Shown>
        </span>
        {row.title ? (
          <div className="quiet">
            <Shown>{row.title}</Shown>
          </div>
        ) : null}
      </>
    ),
  },
  { id: 'endpoints', header: 'Judges', numeric: true, cell: (row) => (row.endpoints > 0 ? <To to={listOf('/endpoints', { policy: row.name })}>{plural(row.endpoints, 'endpoint')}</To> : <span className="quiet">none</span>) },
  { id: 'date', header: 'As of', wide: true, cell: (row) => row.date ?? '–' },
  {
    id: 'source',
    header: 'Source',
    cell: (row) => {
      const link = row.source ? referenceLink(row.source) : undefined;
      return link ? (
        <a href={link} target="_blank" rel="noopener noreferrer">
          <Shown>{row.source}</Shown>
        </a>
      ) : (
        <Shown>{row.source ?? '–'}</Shown>
      );
    },
  },
];

export function Policies() {
  const policies = useAll<Policy>('/policies');
  return (
    <Page title="Policies" lead="A policy is what you expect; a finding is what breaks it. Stored observations are judged again when a policy changes, without a new scan.">
      <div className="stack">
        <WhatIfForm policies={policies.data ?? []} />
        <Panel title="In this release">
          <Answer of={policies}>{(rows) => <DataTable name="policies" columns={COLUMNS} rows={rows} rowKey={(row) => `${row.name} ${row.version}`} empty={<Empty title="No policy." />} />}</Answer>
        </Panel>
      </div>
    </Page>
  );
}

function WhatIfForm({ policies }: { policies: Policy[] }) {
  const [date, setDate] = useState('2027-03-15');
  const [policy, setPolicy] = useState<string | null>(null);
  const [asked, setAsked] = useState<{ at: string; policy: string | null }>();
  const answer = useQuery({
    queryKey: ['whatif', asked],
    queryFn: ({ signal }) => api.get<WhatIf>('/whatif', { at: asked?.at, policy: asked?.policy }, signal),
    enabled: asked !== undefined,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked({ at: `${date}T00:00:00.000Z`, policy });
  };
  return (
    <Panel title="What if?">
      <form className="filters" onSubmit={submit}>
        <TextInput size="xs" type="date" label="judged as of" value={date} onChange={(event) => setDate(event.currentTarget.value)} required />
        <Select size="xs" label="by the policy" placeholder="the same as now" data={policies.map((one) => one.name)} value={policy} onChange={setPolicy} clearable searchable />
        <Button type="submit" style={{ alignSelf: 'flex-end' }} loading={answer.isFetching}>
          Judge
        </Button>
      </form>
      {asked ? (
        <Answer of={answer}>
          {(result) => (
            <>
              <p>
                Of {plural(result.endpoints, 'endpoint')}: <strong>{plural(result.appear, 'finding')}</strong> would appear, {number(result.vanish)} would vanish.
              </p>
              {result.byRule.length > 0 ? (
                <table className="data">
                  <thead>
                    <tr>
                      <th scope="col">severity</th>
                      <th scope="col">rule</th>
                      <th scope="col" className="numeric">
                        appear
                      </th>
                      <th scope="col" className="numeric">
                        vanish
                      </th>
                      <th scope="col" className="wide-only">
                        for example
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {result.byRule.map((line) => (
                      <tr key={line.rule}>
                        <td>
                          <SeverityMark severity={line.severity} />
                        </td>
                        <td>
                          <code>{line.rule}</code>
                        </td>
                        <td className="numeric">{number(line.appear)}</td>
                        <td className="numeric">{number(line.vanish)}</td>
                        <td className="wide-only">
                          <Shown>{line.examples.slice(0, 3).join(', ')}</Shown>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              ) : null}
            </>
          )}
        </Answer>
      ) : (
        <p className="quiet">Judges what is stored at another date (limits on lifetimes fall to 100 days on 2027-03-15) or by another policy.</p>
      )}
    </Panel>
  );
}
