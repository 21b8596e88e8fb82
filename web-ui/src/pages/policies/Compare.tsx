/** Two policies side by side, setting by setting. Which two lives in the address. */
import { Button, Select } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { useAll } from '../../api/queries';
import type { Policy, PolicyDifference } from '../../api/shapes';
import { Answer, Empty, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { plural } from '../../parts/words';

const nothing = <span className="quiet">–</span>;
const COLUMNS = (a: string, b: string): Column<PolicyDifference>[] => [
  { id: 'setting', header: 'Setting', cell: (row) => <Shown>{words(row.setting)}</Shown> },
  { id: 'before', header: a, cell: (row) => (row.before == null ? nothing : <Shown>{row.before}</Shown>) },
  { id: 'after', header: b, cell: (row) => (row.after == null ? nothing : <Shown>{row.after}</Shown>) },
];
/** What says which policy it is, and not what it asks for. */
const LABELS = ['/name', '/version', '/title', '/source', '/date'];

/** {@code /cipherSuites/allow} as a person reads it. */
function words(pointer: string) {
  return pointer.slice(1).replaceAll('/', ' › ');
}

export function Compare({ policies }: { policies: Policy[] }) {
  const [parameters, setParameters] = useSearchParams();
  const a = parameters.get('compare') ?? '';
  const b = parameters.get('with') ?? '';
  const set = (one: string, other: string) =>
    setParameters(
      (before) => {
        const next = new URLSearchParams(before);
        next.set('compare', one);
        next.set('with', other);
        return next;
      },
      { replace: true },
    );
  const names = policies.map((one) => one.name);
  return (
    <Panel title="Compare" id="compare">
      <div className="actions" style={{ alignItems: 'flex-end' }}>
        <Select label="Policy" size="sm" data={names} value={a || null} onChange={(value) => set(value ?? '', b)} searchable />
        <Select label="against" size="sm" data={names} value={b || null} onChange={(value) => set(a, value ?? '')} searchable />
        <Button size="sm" variant="default" disabled={!a || !b} onClick={() => set(b, a)}>
          Swap
        </Button>
      </div>
      {a && b ? <Differences a={a} b={b} /> : <p className="quiet">Choose two to see what the second asks for and the first does not.</p>}
    </Panel>
  );
}

function Differences({ a, b }: { a: string; b: string }) {
  const difference = useAll<PolicyDifference>(`/policies/${encodeURIComponent(a)}/diff`, { with: b });
  return (
    <Answer of={difference}>
      {(all) => {
        const rows = all.filter((one) => !LABELS.includes(one.setting));
        return (
          <>
            <p role="status">{rows.length === 0 ? 'They ask for the same.' : `${plural(rows.length, 'difference')}.`}</p>
            {rows.length > 0 ? <DataTable name="compare" columns={COLUMNS(a, b)} rows={rows} rowKey={(row) => `${row.setting} ${row.before ?? ''} ${row.after ?? ''}`} empty={<Empty title="No difference." />} /> : null}
          </>
        );
      }}
    </Answer>
  );
}
