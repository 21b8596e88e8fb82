/** A receiver, new or changed. */
import { Button, Modal, PasswordInput, Select, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { queryClient } from '../../api/queries';
import type { NewReceiver, Receiver } from '../../api/shapes';
import { Command } from '../../parts/finding';

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

export function refreshReceivers() {
  void queryClient.invalidateQueries({ queryKey: ['list'] });
}

function fieldsOf(of?: Receiver): Record<string, string> {
  const shown = Object.entries(of?.settings ?? {}).map(([key, value]) => [key, Array.isArray(value) ? value.join(' ') : typeof value === 'object' ? JSON.stringify(value) : String(value)]);
  return { ...Object.fromEntries(shown), ...(of ? { name: of.name } : {}) };
}

/** `of`: the receiver to change, whose address and secrets stay where nothing is written; a new one if absent. */
export function ReceiverForm({ of }: { of?: Receiver }) {
  const [open, dialog] = useDisclosure(false);
  const [kind, setKind] = useState((of?.kind as Kind | undefined) ?? 'webhook');
  const [fields, setFields] = useState(fieldsOf(of));
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
    const own =
      kind === 'email'
        ? { host: text('host'), port: Number(fields.port || 587), tls: fields.tls || 'starttls', user: text('user'), from: text('from'), to: (fields.to ?? '').split(/[\s,]+/).filter(Boolean), digest: text('digest') }
        : kind === 'syslog'
          ? { host: text('host'), port: Number(fields.port || 514), protocol: fields.protocol || 'udp' }
          : kind === 'jira'
            ? { project: text('project'), issueType: text('issueType'), user: text('user'), transition: text('transition') }
            : { template: text('template') };
    // what has no field here stays; a field left empty goes, as JSON leaves out what is undefined
    const settings = { ...of?.settings, ...own };
    const urls = (text('url') ?? '').split(/[\s,]+/).filter(Boolean);
    const secret = text('secret');
    const secrets = !secret ? {} : kind === 'generic' ? { headers: { Authorization: secret } } : { secret };
    try {
      const body = { name: text('name'), kind, ...(about?.url && urls.length > 0 ? (urls.length > 1 ? { urls } : { url: urls[0] }) : {}), ...secrets, settings };
      const receiver = await (of ? api.put<Receiver>(`/receivers/${of.id}`, body) : api.post<Receiver>('/receivers', body));
      refreshReceivers();
      setFields(fieldsOf(of ? receiver : undefined));
      if (receiver.secret) setMade(receiver);
      else dialog.close();
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };

  return (
    <>
      <Button
        variant={of ? 'subtle' : 'default'}
        size={of ? 'compact-sm' : 'sm'}
        onClick={() => {
          setMade(undefined);
          dialog.open();
        }}
      >
        {of ? 'Change' : 'Add a receiver'}
      </Button>
      <Modal opened={open} onClose={dialog.close} title={made ? 'Receiver added' : of ? 'Change a receiver' : 'Add a receiver'}>
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
            <Select label="Kind" data={KINDS.map(({ value, label }) => ({ value, label }))} value={kind} onChange={(value) => value && setKind(value as Kind)} allowDeselect={false} disabled={Boolean(of)} />
            {about?.url ? <TextInput label="Address" placeholder={of ? 'as it is' : about.url} required={!of && kind !== 'opsgenie'} {...field('url')} /> : null}
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
            {about?.secret ? <PasswordInput label={about.secret} placeholder={of ? 'as it is' : undefined} autoComplete="off" {...field('secret')} /> : null}
            {error ? (
              <p role="alert" className="severity tone-critical" style={{ whiteSpace: 'normal' }}>
                {error}
              </p>
            ) : null}
            <Button type="submit" size="sm">
              {of ? 'Change' : 'Add'}
            </Button>
          </form>
        )}
      </Modal>
    </>
  );
}
