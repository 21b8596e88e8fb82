/** One target by hand. The server says what is wrong with which field; after a success the endpoint's own page follows its first scan. */
import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type FormEvent } from 'react';
import { useNavigate } from 'react-router';
import { api, ApiError } from '../../api/client';
import { queryClient } from '../../api/queries';
import type { AddedTargets, NewTarget } from '../../api/shapes';

const STARTTLS = ['smtp', 'imap', 'pop3', 'ftp', 'xmpp', 'xmpp-server', 'ldap', 'postgres', 'mysql', 'sieve', 'nntp', 'irc'];
const DEPTHS = ['certificate', 'standard', 'full'];
const EMPTY = { host: '', port: '443', sni: '', starttls: '', owner: '', policy: '', depth: '', interval: '', identity: '', tags: '', addresses: '' };
type Form = typeof EMPTY;

/** `shop.example:8443`, `[2001:db8::1]:443` and `https://shop.example/` are all things that people paste. */
export function parseHost(text: string): { host: string; port?: string } {
  const trimmed = text.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[/?#].*$/, '');
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(trimmed);
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] };
  const parts = /^([^:]+):(\d+)$/.exec(trimmed);
  return parts ? { host: parts[1] ?? '', port: parts[2] } : { host: trimmed };
}

export function targetOf(form: Form): NewTarget {
  const words = (text: string) => text.split(/[\s,]+/).filter(Boolean);
  const tags = Object.fromEntries(
    words(form.tags).map((tag) => {
      const at = tag.indexOf(':');
      return at < 0 ? [tag, ''] : [tag.slice(0, at), tag.slice(at + 1)];
    }),
  );
  if (form.identity.trim()) tags.expectIdentity = form.identity.trim();
  return {
    host: form.host.trim(),
    port: Number(form.port),
    ...(form.sni.trim() ? { sni: form.sni.trim() } : {}),
    ...(form.starttls ? { starttls: form.starttls } : {}),
    ...(form.owner.trim() ? { owner: form.owner.trim() } : {}),
    ...(form.policy.trim() ? { policy: form.policy.trim() } : {}),
    ...(form.depth ? { depth: form.depth as NewTarget['depth'] } : {}),
    ...(form.addresses.trim() ? { addresses: words(form.addresses) } : {}),
    ...(form.interval.trim() ? { intervalSeconds: Number(form.interval) } : {}),
    ...(Object.keys(tags).length ? { tags } : {}),
  };
}

export function AddTarget({ primary = false }: { primary?: boolean }) {
  const [open, dialog] = useDisclosure(false);
  const [form, setForm] = useState<Form>(EMPTY);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const navigate = useNavigate();

  const set = (key: keyof Form) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setForm((before) => ({ ...before, [key]: value }));
  };
  const wrong = (key: string) => (error instanceof ApiError && error.field?.replace(/^\/?(\d+\/)?/, '') === key ? error.message : undefined);
  const shownAtField = [...Object.keys(EMPTY), 'intervalSeconds'].some((key) => wrong(key));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const added = await api.post<AddedTargets>('/targets', targetOf(form));
      void queryClient.invalidateQueries();
      setForm(EMPTY);
      dialog.close();
      const endpoint = added.items[0]?.endpointId;
      await navigate(endpoint === undefined ? '/endpoints' : `/endpoints/${endpoint}`);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <Button variant={primary ? 'filled' : 'default'} onClick={dialog.open}>
        Add a target
      </Button>
      <Modal opened={open} onClose={dialog.close} title="Add a target" size="lg">
        <form className="form" onSubmit={(event) => void submit(event)}>
          <div className="form-row">
            <TextInput
              label="Host"
              description="a name or an address"
              placeholder="shop.example"
              value={form.host}
              onChange={set('host')}
              onBlur={() => {
                const { host, port } = parseHost(form.host);
                setForm((before) => ({ ...before, host, port: port ?? before.port }));
              }}
              error={wrong('host')}
              data-autofocus
              required
            />
            <TextInput label="Port" description="1 to 65535" inputMode="numeric" value={form.port} onChange={set('port')} error={wrong('port')} required />
          </div>
          <div className="form-row">
            <TextInput label="Server name" description="if it differs from the host; none to send none" placeholder="same as the host" value={form.sni} onChange={set('sni')} error={wrong('sni')} />
            <Select label="STARTTLS" description="a protocol that begins in plain text" placeholder="TLS from the first byte" data={STARTTLS} value={form.starttls || null} onChange={(value) => setForm((before) => ({ ...before, starttls: value ?? '' }))} error={wrong('starttls')} clearable />
          </div>
          <div className="form-row">
            <TextInput label="Owner" description="who hears of its findings" placeholder="web-team" value={form.owner} onChange={set('owner')} error={wrong('owner')} />
            <TextInput label="Tags" description="key:value, several with spaces" placeholder="env:prod" value={form.tags} onChange={set('tags')} error={wrong('tags')} />
          </div>
          <div className="form-row">
            <TextInput label="Policy" description="what it is judged by" placeholder="the site's" value={form.policy} onChange={set('policy')} error={wrong('policy')} />
            <Select label="Depth" description="how much is asked" placeholder="standard" data={DEPTHS} value={form.depth || null} onChange={(value) => setForm((before) => ({ ...before, depth: value ?? '' }))} error={wrong('depth')} clearable />
          </div>
          <div className="form-row">
            <TextInput label="Every (seconds)" description="between scans" placeholder="the rule's, else 86400" inputMode="numeric" value={form.interval} onChange={set('interval')} error={wrong('intervalSeconds')} />
            <TextInput label="Expected identity" description="in the certificate, instead of the host" placeholder="spiffe://example/shop" value={form.identity} onChange={set('identity')} error={wrong('tags')} />
          </div>
          <TextInput label="Addresses" description="connect here instead of what the name resolves to" placeholder="127.0.0.1:8443" value={form.addresses} onChange={set('addresses')} error={wrong('addresses')} />
          {error !== undefined && !shownAtField ? (
            <p role="alert" className="severity tone-critical">
              {error instanceof Error ? error.message : String(error)}
            </p>
          ) : null}
          <div className="actions">
            <Button type="submit" size="sm" loading={busy} disabled={form.host.trim() === ''}>
              Add and scan
            </Button>
            <Button variant="subtle" size="sm" onClick={dialog.close}>
              Cancel
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}
