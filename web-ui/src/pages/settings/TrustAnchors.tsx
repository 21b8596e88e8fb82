/** Roots of one's own, and for whom they are trusted. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { queryClient, useAll } from '../../api/queries';
import type { TrustAnchor } from '../../api/shapes';
import { Answer, Empty, Moment, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';

export function forWhom(anchor: Pick<TrustAnchor, 'host' | 'owner' | 'tag' | 'site'>) {
  const parts = [anchor.host ? `host ${anchor.host}` : '', anchor.owner ? `owner ${anchor.owner}` : '', anchor.tag ? `tag ${anchor.tag}` : '', anchor.site ? `site ${anchor.site}` : ''];
  return parts.filter(Boolean).join(' and ') || 'every target';
}

export function TrustAnchors() {
  const anchors = useAll<TrustAnchor>('/trust-anchors');
  const [pem, setPem] = useState('');
  const [host, setHost] = useState('');
  const [owner, setOwner] = useState('');
  const [tag, setTag] = useState('');
  const [site, setSite] = useState('');
  const [error, setError] = useState<string>();
  const change = async (what: () => Promise<unknown>) => {
    setError(undefined);
    try {
      await what();
      await queryClient.invalidateQueries({ queryKey: ['list'] });
      await anchors.refetch();
      return true;
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
      return false;
    }
  };
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const given = { pem, host: host.trim() || null, owner: owner.trim() || null, tag: tag.trim() || null, site: site.trim() || null };
    if (await change(() => api.post('/trust-anchors', given))) {
      setPem('');
    }
  };
  const columns: Column<TrustAnchor>[] = [
    {
      id: 'subject',
      header: 'Root',
      cell: (row) => (
        <>
          <strong>
            <Shown>{row.subject}</Shown>
          </strong>
          <div className="quiet">
            <code>{row.sha256.slice(0, 16)}…</code>
          </div>
        </>
      ),
    },
    { id: 'whom', header: 'Trusted for', cell: (row) => <Shown>{forWhom(row)}</Shown> },
    { id: 'ends', header: 'Ends', cell: (row) => (row.notAfter ? <Moment at={row.notAfter} /> : '–') },
    {
      id: 'by',
      header: 'Added',
      wide: true,
      cell: (row) => (
        <>
          <Shown>{row.createdBy}</Shown>, <Moment at={row.createdAt} />
        </>
      ),
    },
    {
      id: 'remove',
      header: '',
      cell: (row) => (
        <Button variant="subtle" color="red" size="compact-sm" aria-label={`Trust ${row.subject} no more`} onClick={() => void change(() => api.remove(`/trust-anchors/${row.id}`))}>
          Remove
        </Button>
      ),
    },
  ];
  return (
    <Panel title="Trust">
      <p className="quiet">Roots of a private PKI, beside the public stores: the store “given” of a report. Everything stored is judged again at once.</p>
      <Answer of={anchors}>{(rows) => <DataTable name="trust-anchors" columns={columns} rows={rows} rowKey={(row) => String(row.id)} empty={<Empty title="No root of your own: private services are judged by the public stores alone." />} />}</Answer>
      <form className="form" style={{ marginTop: '1rem' }} onSubmit={(event) => void add(event)}>
        <Textarea label="Certificate" description="PEM, one or several" placeholder="-----BEGIN CERTIFICATE-----" rows={5} resize="vertical" spellCheck={false} value={pem} onChange={(event) => setPem(event.currentTarget.value)} styles={{ input: { fontFamily: 'monospace' } }} />
        <p className="quiet">For every target, or for those of which all that you give here is true.</p>
        <div className="actions" style={{ alignItems: 'flex-end' }}>
          <TextInput label="Host" placeholder="*.corp.example" size="sm" value={host} onChange={(event) => setHost(event.currentTarget.value)} />
          <TextInput label="Owner" size="sm" value={owner} onChange={(event) => setOwner(event.currentTarget.value)} />
          <TextInput label="Tag (key:value)" size="sm" value={tag} onChange={(event) => setTag(event.currentTarget.value)} />
          <TextInput label="Site" size="sm" value={site} onChange={(event) => setSite(event.currentTarget.value)} />
          <Button type="submit" size="sm" disabled={pem.trim() === ''}>
            Trust
          </Button>
        </div>
        {error ? (
          <p role="alert" className="severity tone-critical">
            <Shown>{error}</Shown>
          </p>
        ) : null}
      </form>
    </Panel>
  );
}
