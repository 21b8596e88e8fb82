/** Receivers: where a notice goes. Secrets are written and never shown again; the test button tells what came back. */
import { Button, Modal, PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { queryClient, useAll } from '../../api/queries';
import type { DeliveryResult, NewReceiver, Receiver } from '../../api/shapes';
import { Command } from '../../parts/finding';
import { Mark } from '../../parts/marks';
import { Answer, Empty, Moment, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { number, span } from '../../parts/words';

type Kind = NewReceiver['kind'];
const KINDS: { value: Kind; label: string; secret?: string; url?: string }[] = [
  { value: 'webhook', label: 'Webhook (Standard Webhooks, signed)', url: 'https://hooks.example/tls', secret: 'Signing key (made if empty)' },
  { value: 'slack', label: 'Slack', url: 'https://hooks.slack.com/services/…' },
  { value: 'teams', label: 'Microsoft Teams (Workflows)', url: 'the address that the workflow shows' },
  { value: 'pagerduty', label: 'PagerDuty', secret: 'Routing key' },
  { value: 'opsgenie', label: 'Opsgenie, Jira Service Management', secret: 'API key', url: 'https://api.opsgenie.com if empty' },
  { value: 'jira', label: 'Jira issues', secret: 'API token', url: 'https://example.atlassian.net' },
  { value: 'alertmanager', label: 'Prometheus Alertmanager', url: 'http://am-0:9093 http://am-1:9093: every instance of a cluster' },
  { value: 'email', label: 'E-mail', secret: 'Password' },
  { value: 'generic', label: 'Generic HTTP (any other API)', url: 'https://…', secret: 'Authorization header, if it wants one' },
  { value: 'syslog', label: 'Syslog' },
  { value: 'heartbeat', label: 'Heartbeat (raises the alarm elsewhere when we fall silent)', url: 'https://…' },
];

function refresh() {
  void queryClient.invalidateQueries({ queryKey: ['list'] });
}

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
      refresh();
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
          <Button variant="subtle" color="red" size="compact-sm" onClick={() => void remove()}>
            Remove
          </Button>
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
    <Panel title="Receivers" aside={<AddReceiver />}>
      <Answer of={receivers}>
        {(rows) => <DataTable name="receivers" columns={COLUMNS} rows={rows} rowKey={(row) => String(row.id)} empty={<Empty title="Nobody hears of anything yet.">Add a receiver, press its test button, then route findings to it.</Empty>} />}
      </Answer>
    </Panel>
    <Panel title="Calendar">
      <p>The ends of certificates as a calendar to subscribe to, with a token of a viewer (Settings) in place of TOKEN; owner= and days= narrow it.</p>
      <Command text={`${window.location.origin}/api/v1/calendar.ics?token=TOKEN`} />
    </Panel>
    </div>
  );
}

function AddReceiver() {
  const [open, dialog] = useDisclosure(false);
  const [kind, setKind] = useState<Kind>('webhook');
  const [fields, setFields] = useState<Record<string, string>>({});
  const [error, setError] = useState<string>();
  const [made, setMade] = useState<Receiver>();
  const about = KINDS.find((one) => one.value === kind);
  const field = (key: string) => ({
    value: fields[key] ?? '',
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setFields((before) => ({ ...before, [key]: value }));
    },
  });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    const text = (key: string) => fields[key]?.trim() || undefined;
    const template = text('template') ? { template: text('template') } : {};
    const settings =
      kind === 'email'
        ? { host: text('host'), port: Number(fields.port || 587), tls: fields.tls || 'starttls', user: text('user'), from: text('from'), to: (fields.to ?? '').split(/[\s,]+/).filter(Boolean), ...(fields.digest ? { digest: fields.digest } : {}) }
        : kind === 'syslog'
          ? { host: text('host'), port: Number(fields.port || 514), protocol: fields.protocol || 'udp' }
          : kind === 'jira'
            ? Object.fromEntries(['project', 'issueType', 'user', 'transition'].flatMap((key) => (text(key) ? [[key, text(key)]] : [])))
            : template;
    const urls = (text('url') ?? '').split(/[\s,]+/).filter(Boolean);
    const secret = text('secret');
    const secrets = !secret ? {} : kind === 'generic' ? { headers: { Authorization: secret } } : { secret };
    try {
      const receiver = await api.post<Receiver>('/receivers', { name: text('name'), kind, ...(about?.url && urls.length > 0 ? (urls.length > 1 ? { urls } : { url: urls[0] }) : {}), ...secrets, settings });
      refresh();
      setFields({});
      if (receiver.secret) setMade(receiver);
      else dialog.close();
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };

  return (
    <>
      <Button
        variant="default"
        onClick={() => {
          setMade(undefined);
          dialog.open();
        }}
      >
        Add a receiver
      </Button>
      <Modal opened={open} onClose={dialog.close} title={made ? 'Receiver added' : 'Add a receiver'}>
        {made ? (
          <div className="form">
            <p>Its signing key, shown this once:</p>
            <Command text={made.secret ?? ''} />
            <Button size="sm" onClick={dialog.close}>
              I have noted it
            </Button>
          </div>
        ) : (
          <form className="form" onSubmit={(event) => void submit(event)}>
            <TextInput label="Name" placeholder="web-team" required data-autofocus {...field('name')} />
            <Select label="Kind" data={KINDS.map(({ value, label }) => ({ value, label }))} value={kind} onChange={(value) => value && setKind(value as Kind)} allowDeselect={false} />
            {about?.url ? <TextInput label="Address" placeholder={about.url} required={kind !== 'opsgenie'} {...field('url')} /> : null}
            {kind === 'email' || kind === 'syslog' ? (
              <div className="form-row">
                <TextInput label="Server" required {...field('host')} />
                <TextInput label="Port" placeholder={kind === 'email' ? '587' : '514'} {...field('port')} />
              </div>
            ) : null}
            {kind === 'email' ? (
              <>
                <div className="form-row">
                  <TextInput label="From" required {...field('from')} />
                  <TextInput label="To" required {...field('to')} />
                </div>
                <div className="form-row">
                  <TextInput label="User" {...field('user')} />
                  <Select label="Encryption" data={[{ value: 'starttls', label: 'STARTTLS' }, { value: 'implicit', label: 'TLS from the start' }, { value: 'none', label: 'none' }]} value={fields.tls || 'starttls'} onChange={(value) => setFields((before) => ({ ...before, tls: value ?? '' }))} allowDeselect={false} />
                </div>
                <Select label="Sent" data={[{ value: '', label: 'each notice at once' }, { value: 'hourly', label: 'as a digest, hourly' }, { value: 'daily', label: 'as a digest, daily' }]} value={fields.digest ?? ''} onChange={(value) => setFields((before) => ({ ...before, digest: value ?? '' }))} allowDeselect={false} />
              </>
            ) : null}
            {kind === 'jira' ? (
              <>
                <div className="form-row">
                  <TextInput label="Project" placeholder="OPS" required {...field('project')} />
                  <TextInput label="Issue type" placeholder="Task" {...field('issueType')} />
                </div>
                <div className="form-row">
                  <TextInput label="User of the token" placeholder="none: a personal access token" {...field('user')} />
                  <TextInput label="Transition that closes" placeholder="its id; none: a comment only" {...field('transition')} />
                </div>
              </>
            ) : null}
            {kind === 'syslog' ? <Select label="Protocol" data={['udp', 'tcp', 'tls']} value={fields.protocol || 'udp'} onChange={(value) => setFields((before) => ({ ...before, protocol: value ?? '' }))} allowDeselect={false} /> : null}
            {kind === 'generic' || kind === 'webhook' ? <Textarea label="Template (JSON; the whole notice if empty)" placeholder={'{"message": "{{subject:130}}", "description": "{{text}}"}'} rows={3} {...field('template')} /> : null}
            {about?.secret ? <PasswordInput label={about.secret} autoComplete="off" {...field('secret')} /> : null}
            {error ? (
              <p role="alert" className="severity tone-critical" style={{ whiteSpace: 'normal' }}>
                {error}
              </p>
            ) : null}
            <Button type="submit" size="sm">
              Add
            </Button>
          </form>
        )}
      </Modal>
    </>
  );
}
