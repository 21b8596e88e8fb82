/** Silences: quiet for a while, by whom and why, with a look at what they would hide before they do. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { queryClient, useAll } from '../../api/queries';
import type { Silence, SilencePreview } from '../../api/shapes';
import { Answer, Empty, Moment, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { plural } from '../../parts/words';
import { matchersOf } from './RouteForm';
import { Matchers } from './Routing';

function refresh() {
  void queryClient.invalidateQueries({ queryKey: ['list'] });
  void queryClient.invalidateQueries({ queryKey: ['alert'] });
}

const COLUMNS: Column<Silence>[] = [
  { id: 'what', header: 'Silences', cell: (row) => <Matchers of={row.matchers} /> },
  {
    id: 'why',
    header: 'Why',
    cell: (row) => (
      <>
        <Shown>{row.reason}</Shown>
        <div className="quiet">
          <Shown>{row.createdBy}</Shown>, <Moment at={row.createdAt} />
        </div>
      </>
    ),
  },
  { id: 'state', header: 'State', cell: (row) => row.state },
  { id: 'ends', header: 'Ends', cell: (row) => <Moment at={row.endsAt} /> },
  {
    id: 'remove',
    header: '',
    cell: (row) =>
      row.state === 'expired' ? null : row.fromFile ? (
        <span className="quiet" title="ended in the file, and applied within seconds">
          from the alerting file
        </span>
      ) : (
        <Button variant="subtle" color="red" size="compact-sm" onClick={() => void api.remove(`/silences/${row.id}`).then(refresh)}>
          End now
        </Button>
      ),
  },
];

export function Silences() {
  const silences = useAll<Silence>('/silences');
  return (
    <Panel title="Silences" aside={<AddSilence />}>
      <Answer of={silences}>{(rows) => <DataTable name="silences" columns={COLUMNS} rows={rows} rowKey={(row) => String(row.id)} empty={<Empty title="Nothing is silenced." />} />}</Answer>
    </Panel>
  );
}

const HOUR = 3_600_000;
const localInput = (at: number) => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

/** `about`: what it silences unless somebody writes something else. */
export function AddSilence({ about = '', label = 'Add a silence' }: { about?: string; label?: string }) {
  const [open, dialog] = useDisclosure(false);
  const [matchers, setMatchers] = useState(about);
  const [reason, setReason] = useState('');
  const [begins, setBegins] = useState('');
  const [ends, setEnds] = useState(() => localInput(Date.now() + 4 * HOUR));
  const [preview, setPreview] = useState<SilencePreview>();
  const [error, setError] = useState<string>();
  const silence = () => ({ matchers: matchersOf(matchers), reason: reason.trim(), ...(begins ? { startsAt: new Date(begins).toISOString() } : {}), endsAt: new Date(ends).toISOString() });
  const send = async (dryRun: boolean) => {
    setError(undefined);
    try {
      const answer = await api.post<SilencePreview>('/silences', silence(), dryRun ? { dryRun: true } : {});
      if (dryRun) setPreview(answer);
      else {
        refresh();
        dialog.close();
        setPreview(undefined);
      }
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send(false);
  };
  const complete = matchersOf(matchers).length > 0 && reason.trim() !== '';
  return (
    <>
      <Button variant="default" size={about ? 'compact-sm' : 'sm'} onClick={dialog.open}>
        {label}
      </Button>
      <Modal opened={open} onClose={dialog.close} title="Add a silence">
        <form className="form" onSubmit={submit}>
          <TextInput label="Silences what matches" placeholder="rule=certificate.expired tag.env=test" value={matchers} onChange={(event) => setMatchers(event.currentTarget.value)} required data-autofocus />
          <TextInput label="Reason" value={reason} onChange={(event) => setReason(event.currentTarget.value)} required />
          <TextInput label="Begins" description="now, if empty" type="datetime-local" value={begins} onChange={(event) => setBegins(event.currentTarget.value)} />
          <TextInput label="Ends" type="datetime-local" value={ends} onChange={(event) => setEnds(event.currentTarget.value)} required />
          {preview ? (
            <p role="status">
              It would hide {plural(preview.findings, 'finding')} on {plural(preview.endpoints, 'endpoint')}.
              {preview.examples.slice(0, 5).map((one) => (
                <span className="quiet" key={one.id} style={{ display: 'block' }}>
                  <Shown>{`${one.title} · ${one.endpoint}`}</Shown>
                </span>
              ))}
            </p>
          ) : null}
          {error ? (
            <p role="alert" className="severity tone-critical">
              {error}
            </p>
          ) : null}
          <div className="actions">
            <Button type="submit" size="sm" disabled={!complete}>
              Silence
            </Button>
            <Button variant="default" size="sm" disabled={!complete} onClick={() => void send(true)}>
              What would it hide?
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}
