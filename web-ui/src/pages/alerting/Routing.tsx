/** Routes, tried from the top: the first that fits takes the finding, unless it says to go on. */
import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { queryClient, useAll } from '../../api/queries';
import type { Matcher, Receiver, Route } from '../../api/shapes';
import { SeverityMark } from '../../parts/marks';
import { Answer, Empty, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { SEVERITIES, span } from '../../parts/words';

/** `owner=web-team tag.env!=test` → matchers. */
export function matchersOf(text: string): Matcher[] {
  return [...text.matchAll(/([A-Za-z0-9_.-]+)\s*(=~|!~|!=|=)\s*("[^"]*"|[^\s,]+)/g)].map(([, name = '', operator = '=', value = '']) => ({ name, operator: operator as Matcher['operator'], value: value.replace(/^"(.*)"$/, '$1') }));
}

export function Matchers({ of }: { of?: Matcher[] }) {
  if (!of || of.length === 0) return <span className="quiet">everything</span>;
  return (
    <span className="chips">
      {of.map((matcher) => (
        <span className="chip" key={`${matcher.name} ${matcher.value}`}>
          <Shown>{`${matcher.name} ${matcher.operator ?? '='} ${matcher.value}`}</Shown>
        </span>
      ))}
    </span>
  );
}

function refresh() {
  void queryClient.invalidateQueries({ queryKey: ['list'] });
}

const seconds = (value?: number | null) => (value === undefined || value === null ? '–' : span(value * 1000));

const COLUMNS: Column<Route>[] = [
  {
    id: 'what',
    header: 'What',
    cell: (row) => (
      <>
        <Matchers of={row.matchers} />
        {row.minSeverity ? (
          <div>
            from <SeverityMark severity={row.minSeverity} /> up
          </div>
        ) : null}
      </>
    ),
  },
  {
    id: 'to',
    header: 'Goes to',
    cell: (row) => (
      <>
        <Shown>{row.receiver}</Shown>
        {row.continue ? <div className="quiet">and on to the next route</div> : null}
      </>
    ),
  },
  { id: 'wait', header: 'Gathers for', wide: true, cell: (row) => seconds(row.groupWaitSeconds) },
  {
    id: 'remove',
    header: '',
    cell: (row) => (
      <Button variant="subtle" color="red" size="compact-sm" onClick={() => void api.remove(`/routes/${row.id}`).then(refresh)}>
        Remove
      </Button>
    ),
  },
];

export function Routing() {
  const routes = useAll<Route>('/routes');
  return (
    <Panel title="Routes" aside={<AddRoute />}>
      <Answer of={routes}>{(rows) => <DataTable name="routes" columns={COLUMNS} rows={rows} rowKey={(row) => String(row.id)} empty={<Empty title="No route yet.">Without a route nothing is sent to anyone.</Empty>} />}</Answer>
    </Panel>
  );
}

function AddRoute() {
  const [open, dialog] = useDisclosure(false);
  const receivers = useAll<Receiver>('/receivers');
  const [receiver, setReceiver] = useState<string | null>(null);
  const [severity, setSeverity] = useState<string | null>('high');
  const [matchers, setMatchers] = useState('');
  const [error, setError] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await api.post('/routes', { receiverId: Number(receiver), ...(severity ? { minSeverity: severity } : {}), matchers: matchersOf(matchers) });
      refresh();
      dialog.close();
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };
  return (
    <>
      <Button variant="default" onClick={dialog.open}>
        Add a route
      </Button>
      <Modal opened={open} onClose={dialog.close} title="Add a route">
        <form className="form" onSubmit={(event) => void submit(event)}>
          <Select label="Goes to" placeholder={receivers.data?.length === 0 ? 'add a receiver first' : 'receiver'} data={(receivers.data ?? []).map((one) => ({ value: String(one.id), label: one.name }))} value={receiver} onChange={setReceiver} required />
          <Select label="From this severity up" placeholder="any" data={[...SEVERITIES]} value={severity} onChange={setSeverity} clearable />
          <TextInput label="Only what matches" description="severity, rule, owner, site, policy, host, endpoint, cause or tag.KEY, with =, !=, =~ or !~" placeholder="owner=web-team tag.env=prod" value={matchers} onChange={(event) => setMatchers(event.currentTarget.value)} />
          {error ? (
            <p role="alert" className="severity tone-critical">
              {error}
            </p>
          ) : null}
          <Button type="submit" size="sm" disabled={!receiver}>
            Add
          </Button>
        </form>
      </Modal>
    </>
  );
}
