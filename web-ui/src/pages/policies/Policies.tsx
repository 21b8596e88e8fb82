/** What endpoints are judged by. */
import { useAll } from '../../api/queries';
import type { Policy } from '../../api/shapes';
import { Answer, Empty, listOf, Page, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { plural, referenceLink } from '../../parts/words';
import { Compare } from './Compare';
import { OwnPolicies } from './OwnPolicies';
import { Reevaluate } from './Reevaluate';
import { WhatIf } from './WhatIf';

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
        <WhatIf policies={policies.data ?? []} />
        <Reevaluate />
        <OwnPolicies policies={policies.data ?? []} />
        <Compare policies={policies.data ?? []} />
        <Panel title="All policies">
          <Answer of={policies}>{(rows) => <DataTable name="policies" columns={COLUMNS} rows={rows} rowKey={(row) => `${row.name} ${row.version}`} empty={<Empty title="No policy." />} />}</Answer>
        </Panel>
      </div>
    </Page>
  );
}
