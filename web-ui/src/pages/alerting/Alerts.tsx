/** Alerts: one for a cause, however many endpoints show it; who heard of it, and what a person can do about it. */
import { Button, Modal, Select, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMemo, useState, type FormEvent } from 'react';
import { useSearchParams } from 'react-router';
import { api } from '../../api/client';
import { queryClient, useAlert, useList } from '../../api/queries';
import type { Alert, AlertDetail } from '../../api/shapes';
import { FilterBar, useFilter, type Field } from '../../parts/filters';
import { Mark, SeverityMark } from '../../parts/marks';
import { Answer, Empty, listOf, Moment, Panel, To } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { plural, SEVERITIES, span } from '../../parts/words';
import { AddSilence } from './Silences';

const STATES = ['open', 'pending', 'firing', 'acknowledged', 'silenced', 'flapping', 'resolved', 'all'] as const;
const FIELDS: readonly Field[] = [
  { key: 'state', label: 'state', choices: STATES },
  { key: 'severity', label: 'severity', choices: SEVERITIES },
  { key: 'rule', label: 'rule', placeholder: 'certificate.expired' },
];
const STATE_MARKS: Record<string, [shape: string, tone: string, words: string]> = {
  pending: ['dash', 'info', 'pending: waits for others of its kind'],
  firing: ['high', 'high', 'firing'],
  acknowledged: ['ok', 'info', 'acknowledged'],
  silenced: ['dash', 'plain', 'silenced'],
  flapping: ['unknown', 'medium', 'flapping: comes and goes'],
  resolved: ['ok', 'good', 'resolved'],
};

export function refreshAlerts() {
  void queryClient.invalidateQueries({ queryKey: ['list'] });
  void queryClient.invalidateQueries({ queryKey: ['alert'] });
}

function StateOf({ alert }: { alert: Alert }) {
  const [shape, tone, words] = STATE_MARKS[alert.state] ?? ['dash', 'plain', alert.state];
  return (
    <>
      <span className={`severity tone-${tone}`}>
        <Mark shape={shape} tone={tone} />
        {words}
      </span>
      <div className="quiet">
        {alert.state === 'acknowledged' && alert.ackBy ? (
          <>
            <Shown>{alert.ackBy}</Shown>
            {alert.ackUntil ? (
              <>
                , until <Moment at={alert.ackUntil} />
              </>
            ) : null}
          </>
        ) : alert.state === 'resolved' ? (
          <Moment at={alert.resolvedAt} />
        ) : (
          <>
            since <Moment at={alert.since} />
          </>
        )}
      </div>
    </>
  );
}

const COLUMNS: Column<Alert>[] = [
  { id: 'severity', header: 'Severity', cell: (row) => <SeverityMark severity={row.severity} /> },
  {
    id: 'title',
    header: 'Alert',
    cell: (row) => (
      <>
        <To to={`/alerting?alert=${row.id}`}>
          <Shown>{row.title}</Shown>
        </To>
        <div className="quiet">
          <code>{row.rule}</code>
          {row.endpoints > 0 ? ` · ${plural(row.endpoints, 'endpoint')}` : ''}
        </div>
      </>
    ),
  },
  { id: 'state', header: 'State', cell: (row) => <StateOf alert={row} /> },
  { id: 'told', header: 'Who heard of it', wide: true, cell: (row) => (row.toldTo?.length ? <Shown>{row.toldTo.join(', ')}</Shown> : <span className="quiet">nobody yet</span>) },
];

export function Alerts() {
  const [parameters, setParameters] = useSearchParams();
  const chosen = parameters.get('alert');
  const filter = useFilter(FIELDS, []);
  const state = filter.text('state') || 'open';
  const list = useList<Alert>('/alerts', { ...filter.values, state: state === 'all' ? undefined : state });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  return (
    <>
      <FilterBar filter={filter} fields={FIELDS} />
      <Panel>
        <Answer of={list}>
          {() => (
            <DataTable
              name="alerts"
              columns={COLUMNS}
              rows={rows}
              rowKey={(row) => String(row.id)}
              more={{ has: list.hasNextPage, loading: list.isFetchingNextPage, load: () => void list.fetchNextPage() }}
              empty={<Empty title={state === 'open' ? 'Nothing fires.' : 'No alert is like that.'}>An alert stands for one cause, however many endpoints show it.</Empty>}
            />
          )}
        </Answer>
      </Panel>
      <Modal
        opened={chosen !== null}
        size="lg"
        title="Alert"
        onClose={() =>
          setParameters((before) => {
            const next = new URLSearchParams(before);
            next.delete('alert');
            return next;
          })
        }
      >
        {chosen === null ? null : <OneAlert id={chosen} />}
      </Modal>
    </>
  );
}

function OneAlert({ id }: { id: string }) {
  const alert = useAlert(id);
  return <Answer of={alert}>{(found) => <Detail alert={found} />}</Answer>;
}

function Detail({ alert }: { alert: AlertDetail }) {
  const examples = alert.groups.flatMap((group) => group.examples).slice(0, 10);
  return (
    <div className="stack">
      <div>
        <h3>
          <SeverityMark severity={alert.severity} /> <Shown>{alert.title}</Shown>
        </h3>
        <StateOf alert={alert} />
      </div>
      {alert.detail ? (
        <p>
          <Shown>{alert.detail}</Shown>
        </p>
      ) : null}
      {examples.length > 0 ? (
        <div>
          <h3>Where</h3>
          {examples.map((one) => (
            <div key={one.endpointId}>
              <To to={`/endpoints/${one.endpointId}#${alert.rule}`}>
                <Shown>{one.name}</Shown>
              </To>
            </div>
          ))}
          <div className="quiet">
            <To to={listOf('/findings', { rule: alert.rule, cause: alert.cause })}>{plural(alert.endpoints, 'endpoint')} with this cause</To>
            {alert.owners.length > 0 ? <Shown>{` · owner ${alert.owners.join(', ')}`}</Shown> : ' · no owner'}
          </div>
        </div>
      ) : null}
      {alert.why ? (
        <div>
          <h3>Why it matters</h3>
          <Shown>{alert.why}</Shown>
        </div>
      ) : null}
      {alert.remedy ? (
        <div>
          <h3>What to do</h3>
          <Shown>{alert.remedy}</Shown>
        </div>
      ) : null}
      <div>
        <h3>Who hears of it</h3>
        {alert.ways.length === 0 ? (
          <span className="quiet">{alert.hiddenUntil ? 'nobody: a silence hides it' : 'nobody: no route takes it'}</span>
        ) : (
          alert.ways.map((way) => (
            <div key={`${way.receiver} ${way.afterSeconds}`}>
              <Shown>{way.receiver}</Shown>
              <span className="quiet">
                {way.afterSeconds ? ` after ${span(way.afterSeconds * 1000)}, unless somebody acknowledges` : ''}
                {way.heard ? ' · heard of it' : ' · not yet'}
              </span>
            </div>
          ))
        )}
        {alert.hiddenUntil ? (
          <div className="quiet">
            silenced until <Moment at={alert.hiddenUntil} />
          </div>
        ) : null}
      </div>
      {alert.ackReason ? (
        <p className="quiet">
          <Shown>{`${alert.ackBy ?? 'somebody'}: ${alert.ackReason}`}</Shown>
        </p>
      ) : null}
      <Actions alert={alert} />
    </div>
  );
}

const HOURS: [value: string, label: string][] = [
  ['4', '4 hours'],
  ['24', 'a day'],
  ['168', 'a week'],
  ['720', '30 days'],
];

function Actions({ alert }: { alert: AlertDetail }) {
  const [open, form] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState('24');
  const [error, setError] = useState<string>();
  if (alert.state === 'resolved' || alert.rule.startsWith('fleet.')) return null;
  const acknowledge = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    try {
      await api.post(`/alerts/${alert.id}/acknowledge`, { reason: reason.trim(), until: new Date(Date.now() + Number(hours) * 3_600_000).toISOString() });
      form.close();
      refreshAlerts();
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };
  return (
    <div>
      <div className="actions">
        {alert.state === 'acknowledged' ? (
          <Button variant="default" size="compact-sm" onClick={() => void api.remove(`/alerts/${alert.id}/acknowledge`).then(refreshAlerts)}>
            Take the acknowledgement back
          </Button>
        ) : (
          <Button variant="default" size="compact-sm" onClick={form.toggle} aria-expanded={open}>
            Acknowledge
          </Button>
        )}
        <AddSilence about={`rule=${alert.rule} cause=${quoted(alert.cause)}`} label="Silence" />
      </div>
      {open ? (
        <form className="form" onSubmit={(event) => void acknowledge(event)}>
          <p className="quiet">Escalation stops and nothing more is said of it, until then or until it gets worse.</p>
          <Textarea label="Reason" placeholder="who works on it, and where that is tracked" value={reason} onChange={(event) => setReason(event.currentTarget.value)} required rows={2} data-autofocus />
          <Select label="For" data={HOURS.map(([value, label]) => ({ value, label }))} value={hours} onChange={(value) => value && setHours(value)} allowDeselect={false} />
          {error ? (
            <p role="alert" className="severity tone-critical">
              {error}
            </p>
          ) : null}
          <Button type="submit" size="sm" disabled={reason.trim() === ''}>
            Acknowledge
          </Button>
        </form>
      ) : null}
    </div>
  );
}

function quoted(value: string): string {
  return /^[^\s,"]+$/.test(value) ? value : `"${value}"`;
}

