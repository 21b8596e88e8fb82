/** How often, how deep and with which identity targets are scanned that do not say so themselves. */
import { Button, Select, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { queryClient, useAll } from '../../api/queries';
import type { ScanRule } from '../../api/shapes';
import { Answer, Empty, Moment, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { DataTable, type Column } from '../../parts/table';
import { forWhom } from './TrustAnchors';

const DEPTHS = ['certificate', 'standard', 'full'];
const EMPTY = { host: '', owner: '', tag: '', site: '', intervalSeconds: '', depth: '', expectIdentity: '' };

export function whatOf(rule: Pick<ScanRule, 'intervalSeconds' | 'depth' | 'expectIdentity'>) {
  const parts = [rule.intervalSeconds ? `every ${rule.intervalSeconds} s` : '', rule.depth ? `depth ${rule.depth}` : '', rule.expectIdentity ? `expects ${rule.expectIdentity}` : ''];
  return parts.filter(Boolean).join(', ');
}

export function ScanRules() {
  const rules = useAll<ScanRule>('/scan-rules');
  const [form, setForm] = useState(EMPTY);
  const [error, setError] = useState<string>();
  const set = (key: keyof typeof EMPTY) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget;
    setForm((before) => ({ ...before, [key]: value }));
  };
  const change = async (what: () => Promise<unknown>) => {
    setError(undefined);
    try {
      await what();
      await queryClient.invalidateQueries();
      return true;
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
      return false;
    }
  };
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const text = (value: string) => value.trim() || null;
    const given = {
      host: text(form.host),
      owner: text(form.owner),
      tag: text(form.tag),
      site: text(form.site),
      intervalSeconds: form.intervalSeconds.trim() ? Number(form.intervalSeconds) : null,
      depth: text(form.depth),
      expectIdentity: text(form.expectIdentity),
    };
    if (await change(() => api.post('/scan-rules', given))) {
      setForm(EMPTY);
    }
  };
  const columns: Column<ScanRule>[] = [
    { id: 'whose', header: 'For', cell: (row) => <Shown>{forWhom(row)}</Shown> },
    { id: 'what', header: 'Rule', cell: (row) => <Shown>{whatOf(row)}</Shown> },
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
        <Button variant="subtle" color="red" size="compact-sm" aria-label={`Remove the rule for ${forWhom(row)}`} onClick={() => void change(() => api.remove(`/scan-rules/${row.id}`))}>
          Remove
        </Button>
      ),
    },
  ];
  return (
    <Panel title="Scan rules">
      <p className="quiet">What a target says itself counts first; then the rule that asks the most, of two alike the later. The schedule follows within seconds.</p>
      <Answer of={rules}>{(rows) => <DataTable name="scan-rules" columns={columns} rows={rows} rowKey={(row) => String(row.id)} empty={<Empty title="No rule: what does not say otherwise is scanned once a day at depth standard." />} />}</Answer>
      <form className="form" style={{ marginTop: '1rem' }} onSubmit={(event) => void add(event)}>
        <p className="quiet">For every target, or for those of which all that you give here is true.</p>
        <div className="actions" style={{ alignItems: 'flex-end' }}>
          <TextInput label="Host" placeholder="*.corp.example" size="sm" value={form.host} onChange={set('host')} />
          <TextInput label="Owner" size="sm" value={form.owner} onChange={set('owner')} />
          <TextInput label="Tag (key:value)" size="sm" value={form.tag} onChange={set('tag')} />
          <TextInput label="Site" size="sm" value={form.site} onChange={set('site')} />
        </div>
        <div className="actions" style={{ alignItems: 'flex-end' }}>
          <TextInput label="Every (seconds)" inputMode="numeric" placeholder="86400" size="sm" value={form.intervalSeconds} onChange={set('intervalSeconds')} />
          <Select label="Depth" placeholder="standard" data={DEPTHS} size="sm" value={form.depth || null} onChange={(value) => setForm((before) => ({ ...before, depth: value ?? '' }))} clearable />
          <TextInput label="Expected identity" placeholder="spiffe://example/shop" size="sm" value={form.expectIdentity} onChange={set('expectIdentity')} />
          <Button type="submit" size="sm" disabled={!form.intervalSeconds.trim() && !form.depth && !form.expectIdentity.trim()}>
            Add the rule
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
