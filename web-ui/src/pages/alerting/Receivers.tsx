/** Receivers: where a notice goes. Secrets are written and never shown again; the test button tells what came back. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { address, api } from '../../api/client';
import { useAll } from '../../api/queries';
import type { DeliveryResult, Receiver } from '../../api/shapes';
import { Command } from '../../parts/finding';
import { Mark } from '../../parts/marks';
import { Answer, Empty, Moment, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { number, span } from '../../parts/words';
import { ReceiverForm, refreshReceivers } from './ReceiverForm';

function Test({ receiver }: { receiver: Receiver }) {
  const [result, setResult] = useState<DeliveryResult>();
  const [busy, setBusy] = useState(false);
  const test = async () => {
    setBusy(true);
    try {
      setResult(await api.post<DeliveryResult>(`/receivers/${receiver.id}/test`));
    } catch (problem) {
      setResult({ delivered: false, detail: problem instanceof Error ? problem.message : String(problem), durationMillis: 0 });
    } finally {
      setBusy(false);
    }
  };
  const remove = async () => {
    try {
      await api.remove(`/receivers/${receiver.id}`);
      refreshReceivers();
    } catch (problem) {
      setResult({ delivered: false, detail: problem instanceof Error ? problem.message : String(problem), durationMillis: 0 });
    }
  };
  return (
    <div>
      <div className="actions">
        <Button variant="default" size="compact-sm" loading={busy} onClick={() => void test()}>
          Test
        </Button>
        {receiver.settings.fromFile ? (
          <span className="quiet" title="changed in the file, and applied within seconds">
            from the alerting file
          </span>
        ) : (
          <>
            <ReceiverForm of={receiver} />
            <Button variant="subtle" color="red" size="compact-sm" onClick={() => void remove()}>
              Remove
            </Button>
          </>
        )}
      </div>
      {result ? (
        <div role="status" className={`severity tone-${result.delivered ? 'good' : 'high'}`} style={{ whiteSpace: 'normal' }}>
          <Mark shape={result.delivered ? 'ok' : 'unreachable'} tone={result.delivered ? 'good' : 'high'} />
          <span>
            {result.delivered ? 'delivered' : 'not delivered'}
            {result.status ? `, ${result.status}` : ''}
            {result.detail ? (
              <>
                {' · '}
                <Shown>{result.detail}</Shown>
              </>
            ) : null}
            {result.durationMillis ? ` · ${span(result.durationMillis)}` : ''}
          </span>
        </div>
      ) : null}
    </div>
  );
}

const COLUMNS: Column<Receiver>[] = [
  {
    id: 'name',
    header: 'Receiver',
    cell: (row) => (
      <>
        <strong>
          <Shown>{row.name}</Shown>
        </strong>
        <div className="quiet">
          {row.kind} · <Shown>{row.target ?? (typeof row.settings.host === 'string' ? row.settings.host : 'address not shown')}</Shown>
        </div>
      </>
    ),
  },
  {
    id: 'state',
    header: 'State',
    cell: (row) => (
      <>
        <span className={`severity tone-${row.state === 'ok' ? 'good' : 'high'}`}>
          <Mark shape={row.state === 'ok' ? 'ok' : 'high'} tone={row.state === 'ok' ? 'good' : 'high'} />
          {row.state === 'ok' ? 'delivering' : row.state}
        </span>
        {row.failingSince ? (
          <div className="quiet">
            since <Moment at={row.failingSince} />
          </div>
        ) : null}
      </>
    ),
  },
  { id: 'pending', header: 'Waiting', numeric: true, cell: (row) => number(row.pending ?? 0) },
  { id: 'test', header: '', cell: (row) => <Test receiver={row} /> },
];

export function Receivers() {
  const receivers = useAll<Receiver>('/receivers');
  return (
    <div className="stack">
    <Panel title="Receivers" aside={<ReceiverForm />}>
      <Answer of={receivers}>
        {(rows) => <DataTable name="receivers" columns={COLUMNS} rows={rows} rowKey={(row) => String(row.id)} empty={<Empty title="Nobody hears of anything yet.">Add a receiver, press its test button, then route findings to it.</Empty>} />}
      </Answer>
    </Panel>
    <Panel title="Calendar">
      <p>The ends of certificates as a calendar to subscribe to, with a token of a viewer (Settings) in place of TOKEN; owner= and days= narrow it.</p>
      <Command text={`${window.location.origin}${address('/calendar.ics')}?token=TOKEN`} />
    </Panel>
    </div>
  );
}
