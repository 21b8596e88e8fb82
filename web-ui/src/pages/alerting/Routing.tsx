/** Routes, tried from the top: the first that fits takes the finding, unless it says to go on. */
import { Button, Checkbox, Modal, Select, TextInput } from '@mantine/core';
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
        {(row.steps ?? []).map((step) => (
          <Step key={`${step.receiverId} ${step.afterSeconds}`} step={step} />
        ))}
        {row.continue ? <div className="quiet">and on to the next route</div> : null}
      </>
    ),
  },
  {
    id: 'when',
    header: 'When',
    wide: true,
    cell: (row) => (
      <>
        {row.afterSeconds ? `after ${seconds(row.afterSeconds)} unacknowledged` : `after ${seconds(row.groupWaitSeconds ?? 30)}`}
        {row.groupBy?.length ? <div className="quiet">{`together by ${row.groupBy.join(', ')}, at most every ${seconds(row.groupIntervalSeconds ?? 300)}`}</div> : null}
        {row.repeatSeconds ? <div className="quiet">{`again every ${seconds(row.repeatSeconds)}`}</div> : null}
        {row.quietHours ? <div className="quiet">{`below ${row.quietHours.below ?? 'high'} not from ${row.quietHours.from} to ${row.quietHours.to} ${row.quietHours.zone ?? 'UTC'}`}</div> : null}
      </>
    ),
  },
  {
    id: 'remove',
    header: '',
    cell: (row) =>
      row.fromFile ? (
        <span className="quiet" title="changed in the file, and applied at the next start">
          from the alerting file
        </span>
      ) : (
        <Button variant="subtle" color="red" size="compact-sm" onClick={() => void api.remove(`/routes/${row.id}`).then(refresh)}>
          Remove
        </Button>
      ),
  },
];

function Step({ step }: { step: { receiverId: number; afterSeconds: number } }) {
  const receivers = useAll<Receiver>('/receivers');
  const name = receivers.data?.find((one) => Number(one.id) === step.receiverId)?.name ?? `receiver ${step.receiverId}`;
  return (
    <div className="quiet">
      then <Shown>{name}</Shown> after {seconds(step.afterSeconds)}, unless somebody acknowledges
    </div>
  );
}

export function Routing() {
  const routes = useAll<Route>('/routes');
  return (
    <Panel title="Routes" aside={<AddRoute />}>
      <Answer of={routes}>{(rows) => <DataTable name="routes" columns={COLUMNS} rows={rows} rowKey={(row) => String(row.id)} empty={<Empty title="No route yet.">Until there is one, every receiver hears of medium and above.</Empty>} />}</Answer>
    </Panel>
  );
}

/** `30s`, `5m`, `2h`, `1d` as seconds; nothing where nothing is written. */
export function secondsOf(text: string): number | undefined {
  const found = /^\s*([0-9]+)\s*([smhd]?)\s*$/.exec(text);
  return found ? Number(found[1]) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[found[2] || 's'] ?? 1) : undefined;
}

function AddRoute() {
  const [open, dialog] = useDisclosure(false);
  const receivers = useAll<Receiver>('/receivers');
  const [receiver, setReceiver] = useState<string | null>(null);
  const [severity, setSeverity] = useState<string | null>('high');
  const [next, setNext] = useState<string | null>(null);
  const [goOn, setGoOn] = useState(false);
  const [fields, setFields] = useState<Record<string, string>>({});
  const [error, setError] = useState<string>();
  const field = (key: string) => ({
    value: fields[key] ?? '',
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFields((before) => ({ ...before, [key]: value }));
    },
  });
  const choices = (receivers.data ?? []).map((one) => ({ value: String(one.id), label: one.name }));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    const times = { groupWaitSeconds: fields.wait, groupIntervalSeconds: fields.interval, repeatSeconds: fields.repeat };
    const wrong = [...Object.values(times), fields.nextAfter].find((text) => text?.trim() && secondsOf(text) === undefined);
    if (wrong) {
      setError(`'${wrong}' is no time like 30s, 5m, 2h or 1d`);
      return;
    }
    const groupBy = (fields.groupBy ?? '').split(/[\s,]+/).filter(Boolean);
    try {
      await api.post('/routes', {
        receiverId: Number(receiver),
        minSeverity: severity ?? 'info',
        matchers: matchersOf(fields.matchers ?? ''),
        ...(goOn ? { continue: true } : {}),
        ...Object.fromEntries(Object.entries(times).flatMap(([key, text]) => (text?.trim() ? [[key, secondsOf(text)]] : []))),
        ...(groupBy.length > 0 ? { groupBy } : {}),
        ...(next ? { steps: [{ receiverId: Number(next), afterSeconds: secondsOf(fields.nextAfter ?? '') ?? 1800 }] } : {}),
        ...(fields.quietFrom && fields.quietTo ? { quietHours: { from: fields.quietFrom, to: fields.quietTo, zone: Intl.DateTimeFormat().resolvedOptions().timeZone } } : {}),
      });
      refresh();
      setFields({});
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
          <Select label="Goes to" placeholder={receivers.data?.length === 0 ? 'add a receiver first' : 'receiver'} data={choices} value={receiver} onChange={setReceiver} required />
          <Select label="From this severity up" placeholder="any" data={[...SEVERITIES]} value={severity} onChange={setSeverity} clearable />
          <TextInput label="Only what matches" description="severity, rule, owner, site, environment, policy, host, endpoint, cause or tag.KEY, with =, !=, =~ or !~" placeholder="owner=web-team environment=prod" {...field('matchers')} />
          <Checkbox label="and on to the next route" checked={goOn} onChange={(event) => setGoOn(event.currentTarget.checked)} />
          <div className="form-row">
            <TextInput label="Waits for others" placeholder="30s" {...field('wait')} />
            <TextInput label="Again every" placeholder="never, critical daily" {...field('repeat')} />
          </div>
          <div className="form-row">
            <TextInput label="Together by" placeholder="rule, owner" {...field('groupBy')} />
            <TextInput label="At most every" placeholder="5m" {...field('interval')} />
          </div>
          <div className="form-row">
            <Select label="Escalates to" placeholder="nobody" data={choices} value={next} onChange={setNext} clearable />
            <TextInput label="Unacknowledged for" placeholder="30m" {...field('nextAfter')} />
          </div>
          <div className="form-row">
            <TextInput label="Quiet below high, from" type="time" {...field('quietFrom')} />
            <TextInput label="To" type="time" {...field('quietTo')} />
          </div>
          {error ? (
            <p role="alert" className="severity tone-critical" style={{ whiteSpace: 'normal' }}>
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
