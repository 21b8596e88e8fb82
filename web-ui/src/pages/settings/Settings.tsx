/** Tokens, trust, what was done by whom, and where machines read. */
import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMemo, useState, type FormEvent } from 'react';
import { api, PREFIX } from '../../api/client';
import { queryClient, useAll, useList, useSession } from '../../api/queries';
import type { AuditEntry, MadeToken, Token } from '../../api/shapes';
import { Command } from '../../parts/finding';
import { Answer, Empty, Moment, Page, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { ScanRules } from './ScanRules';
import { TrustAnchors } from './TrustAnchors';

const TOKENS: Column<Token>[] = [
  {
    id: 'name',
    header: 'Token',
    cell: (row) => (
      <>
        <strong>
          <Shown>{row.name}</Shown>
        </strong>
        <div className="quiet">
          made by <Shown>{row.createdBy}</Shown>, <Moment at={row.createdAt} />
        </div>
      </>
    ),
  },
  { id: 'role', header: 'Role', cell: (row) => `${row.role}${row.site ? ` of ${row.site}` : ''}` },
  { id: 'used', header: 'Last used', cell: (row) => <Moment at={row.lastUsedAt} /> },
  { id: 'ends', header: 'Ends', cell: (row) => (row.revokedAt ? 'revoked' : row.expiresAt ? <Moment at={row.expiresAt} /> : 'no end') },
  {
    id: 'revoke',
    header: '',
    cell: (row) =>
      row.revokedAt ? null : (
        <Button variant="subtle" color="red" size="compact-sm" onClick={() => void api.remove(`/tokens/${row.id}`).then(() => queryClient.invalidateQueries({ queryKey: ['list'] }))}>
          Revoke
        </Button>
      ),
  },
];

const AUDIT: Column<AuditEntry>[] = [
  { id: 'at', header: 'When', cell: (row) => <Moment at={row.at} /> },
  { id: 'actor', header: 'Who', cell: (row) => <Shown>{row.actor}</Shown> },
  { id: 'action', header: 'Did', cell: (row) => <Shown>{row.action}</Shown> },
  { id: 'subject', header: 'To', cell: (row) => <Shown>{row.subject}</Shown> },
  { id: 'address', header: 'From', wide: true, cell: (row) => <Shown>{row.address ?? '–'}</Shown> },
];

export function Settings() {
  const session = useSession();
  const tokens = useAll<Token>('/tokens');
  const audit = useList<AuditEntry>('/audit', {}, 50);
  const entries = useMemo(() => audit.data?.pages.flatMap((page) => page.items) ?? [], [audit.data]);
  return (
    <Page
      title="Settings"
      lead={
        session.data ? (
          <>
            Signed in as <Shown>{session.data.user}</Shown>, {session.data.role}
            {session.data.version ? ` · tlsfleet ${session.data.version}` : ''}
          </>
        ) : undefined
      }
    >
      <div className="stack">
        <Panel title="Tokens" aside={<AddToken />}>
          <Answer of={tokens}>{(rows) => <DataTable name="tokens" columns={TOKENS} rows={rows} rowKey={(row) => String(row.id)} empty={<Empty title="No token." />} />}</Answer>
        </Panel>
        <ScanRules />
        <TrustAnchors />
        <Panel title="For machines">
          <dl className="facts">
            <dt>API</dt>
            <dd>
              <a href={`${PREFIX}/openapi.json`}>/openapi.json</a> describes every route under /api/v1
            </dd>
            <dt>Metrics</dt>
            <dd>
              <a href={`${PREFIX}/metrics`}>/metrics</a> for Prometheus; dashboards and alert rules lie in the folder grafana
            </dd>
            <dt>Probes</dt>
            <dd>
              <code>/probe?target=HOST:PORT</code> answers as blackbox_exporter does, from what is stored
            </dd>
            <dt>Health</dt>
            <dd>
              <a href={`${PREFIX}/healthz`}>/healthz</a>, <a href={`${PREFIX}/readyz`}>/readyz</a>
            </dd>
          </dl>
        </Panel>
        <Panel title="Audit">
          <Answer of={audit}>
            {() => (
              <DataTable
                name="audit"
                columns={AUDIT}
                rows={entries}
                rowKey={(row) => String(row.id)}
                more={{ has: audit.hasNextPage, loading: audit.isFetchingNextPage, load: () => void audit.fetchNextPage() }}
                empty={<Empty title="Nothing was done yet." />}
              />
            )}
          </Answer>
        </Panel>
      </div>
    </Page>
  );
}

function AddToken() {
  const [open, dialog] = useDisclosure(false);
  const [name, setName] = useState('');
  const [role, setRole] = useState<string>('viewer');
  const [site, setSite] = useState('');
  const [made, setMade] = useState<MadeToken>();
  const [error, setError] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    try {
      setMade(await api.post<MadeToken>('/tokens', { name: name.trim(), role, ...(role === 'worker' && site.trim() ? { site: site.trim() } : {}) }));
      void queryClient.invalidateQueries({ queryKey: ['list'] });
      setName('');
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };
  const close = () => {
    dialog.close();
    setMade(undefined);
  };
  return (
    <>
      <Button variant="default" onClick={dialog.open}>
        Add a token
      </Button>
      <Modal opened={open} onClose={close} title="Add a token">
        {made ? (
          <div className="form">
            <p>Shown this once; only its hash is kept.</p>
            <Command text={made.token} />
            <Button size="sm" onClick={close}>
              I have noted it
            </Button>
          </div>
        ) : (
          <form className="form" onSubmit={(event) => void submit(event)}>
            <TextInput label="Name" placeholder="who or what uses it" value={name} onChange={(event) => setName(event.currentTarget.value)} required data-autofocus />
            <Select label="Role" data={['viewer', 'operator', 'admin', 'auditor', 'worker']} value={role} onChange={(value) => value && setRole(value)} allowDeselect={false} />
            {role === 'worker' ? <TextInput label="Site" value={site} onChange={(event) => setSite(event.currentTarget.value)} required /> : null}
            {error ? (
              <p role="alert" className="severity tone-critical">
                {error}
              </p>
            ) : null}
            <Button type="submit" size="sm" disabled={name.trim() === ''}>
              Add
            </Button>
          </form>
        )}
      </Modal>
    </>
  );
}
