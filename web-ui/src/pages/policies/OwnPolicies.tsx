/** Policies of one's own: checked as they are written, put in force, and assigned to hosts, owners, tags and sites. */
import { Button, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { api, ApiError } from '../../api/client';
import { queryClient, useAll } from '../../api/queries';
import type { KeptPolicy, Listed, Policy, PolicyAssignment, PolicyVersion } from '../../api/shapes';
import { Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { plural } from '../../parts/words';

const EXAMPLE = 'name: shop\nversion: "1"\nextends: mozilla-intermediate-6.0\n';

/** Every line of a problem, each with its place in the file. */
function lines(problem: unknown): string[] {
  if (problem instanceof ApiError && problem.problem.errors?.length) return problem.problem.errors.map((one) => one.detail ?? '');
  return [problem instanceof Error ? problem.message : String(problem)];
}

function refresh() {
  void queryClient.invalidateQueries({ queryKey: ['list'] });
  void queryClient.invalidateQueries({ queryKey: ['reevaluate'] });
}

function Errors({ of }: { of: string[] }) {
  if (of.length === 0) return null;
  return (
    <div role="alert" className="severity tone-critical">
      {of.map((line) => (
        <p key={line}>
          <Shown>{line}</Shown>
        </p>
      ))}
    </div>
  );
}

export function OwnPolicies({ policies }: { policies: Policy[] }) {
  const [text, setText] = useState(EXAMPLE);
  const [errors, setErrors] = useState<string[]>([]);
  const [said, setSaid] = useState('');
  const send = async (dryRun: boolean) => {
    setErrors([]);
    setSaid('');
    try {
      const kept = await api.post<KeptPolicy>('/policies', { document: text }, { dryRun });
      setSaid(`${kept.name} ${kept.version} ${dryRun ? 'is a policy' : 'is in force'}: ${plural(kept.changes.length, 'difference')} from ${kept.comparedWith}.`);
      if (!dryRun) refresh();
    } catch (problem) {
      setErrors(lines(problem));
    }
  };
  return (
    <Panel title="Your own" id="own">
      <Textarea label="Policy file" description="YAML that extends another policy; a changed file needs another version." rows={8} resize="vertical" spellCheck={false} value={text} onChange={(event) => setText(event.currentTarget.value)} styles={{ input: { fontFamily: 'monospace' } }} />
      <div className="actions" style={{ margin: '0.6rem 0' }}>
        <Button size="compact-sm" variant="default" onClick={() => void send(true)}>
          Check
        </Button>
        <Button size="compact-sm" onClick={() => void send(false)}>
          Put in force
        </Button>
      </div>
      <Errors of={errors} />
      {said ? (
        <p role="status" style={{ marginBottom: 0 }}>
          <Shown>{said}</Shown>
        </p>
      ) : null}
      <Kept policies={policies.filter((one) => !one.shipped)} open={(document) => setText(document)} />
      <Assignments policies={policies} />
    </Panel>
  );
}

/** Those that are in force, to be looked at, changed or removed. */
function Kept({ policies, open }: { policies: Policy[]; open: (document: string) => void }) {
  const [doomed, setDoomed] = useState<Policy>();
  const [errors, setErrors] = useState<string[]>([]);
  const load = async (policy: Policy) => {
    setErrors([]);
    try {
      const versions = await api.get<Listed<PolicyVersion>>(`/policies/${encodeURIComponent(policy.name)}/versions`);
      if (versions.items[0]) open(versions.items[0].text);
    } catch (problem) {
      setErrors(lines(problem));
    }
  };
  const remove = async (policy: Policy) => {
    setErrors([]);
    try {
      await api.remove(`/policies/${encodeURIComponent(policy.name)}`);
      setDoomed(undefined);
      refresh();
    } catch (problem) {
      setErrors(lines(problem));
    }
  };
  if (policies.length === 0) return null;
  return (
    <section style={{ marginTop: '1rem' }}>
      <h3>In force</h3>
      <ul>
        {policies.map((one) => (
          <li key={one.name}>
            <strong>
              <Shown>{one.name}</Shown>
            </strong>{' '}
            <span className="quiet">
              <Shown>{one.version}</Shown>, judges {plural(one.endpoints, 'endpoint')}
            </span>{' '}
            <Button size="compact-xs" variant="subtle" aria-label={`Edit ${one.name}`} onClick={() => void load(one)}>
              Edit
            </Button>
            <Button size="compact-xs" variant="subtle" color="red" aria-label={`Delete ${one.name}`} onClick={() => { setErrors([]); setDoomed(one); }}>
              Delete
            </Button>
          </li>
        ))}
      </ul>
      {doomed ? null : <Errors of={errors} />}
      <Modal opened={doomed !== undefined} onClose={() => { setDoomed(undefined); setErrors([]); }} title={doomed ? `Delete ${doomed.name}?` : ''}>
        <p>All its versions go, and everything stored is judged again without it. A policy that somebody is judged by stays until that is changed.</p>
        <Errors of={errors} />
        <div className="actions">
          <Button size="compact-sm" color="red" onClick={() => doomed && void remove(doomed)}>
            Delete it
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => { setDoomed(undefined); setErrors([]); }}>
            Keep it
          </Button>
        </div>
      </Modal>
    </section>
  );
}

function Assignments({ policies }: { policies: Policy[] }) {
  const assigned = useAll<PolicyAssignment>('/policy-assignments');
  const [policy, setPolicy] = useState('');
  const [host, setHost] = useState('');
  const [owner, setOwner] = useState('');
  const [tag, setTag] = useState('');
  const [site, setSite] = useState('');
  const [errors, setErrors] = useState<string[]>([]);
  const change = async (what: () => Promise<unknown>) => {
    setErrors([]);
    try {
      await what();
      refresh();
      await assigned.refetch();
    } catch (problem) {
      setErrors(lines(problem));
    }
  };
  const assign = (event: FormEvent) => {
    event.preventDefault();
    void change(() => api.post('/policy-assignments', { policy, host: host.trim() || null, owner: owner.trim() || null, tag: tag.trim() || null, site: site.trim() || null }));
  };
  return (
    <section style={{ marginTop: '1rem' }}>
      <h3>Who is judged by what</h3>
      <p className="quiet">Several at once judge together; an endpoint that names policies itself is judged by those alone.</p>
      <ul>
        {(assigned.data ?? []).map((one) => (
          <li key={one.id}>
            <strong>
              <Shown>{one.policy}</Shown>
            </strong>{' '}
            for <Shown>{[one.host ? `host ${one.host}` : '', one.owner ? `owner ${one.owner}` : '', one.tag ? `tag ${one.tag}` : '', one.site ? `site ${one.site}` : ''].filter(Boolean).join(' and ')}</Shown>{' '}
            <Button size="compact-xs" variant="subtle" onClick={() => void change(() => api.remove(`/policy-assignments/${one.id}`))}>
              Remove
            </Button>
          </li>
        ))}
      </ul>
      <form className="actions" style={{ alignItems: 'flex-end' }} onSubmit={assign}>
        <Select label="Policy" size="sm" data={policies.map((one) => one.name)} value={policy || null} onChange={(value) => setPolicy(value ?? '')} />
        <TextInput label="Host (* stands for anything)" size="sm" value={host} onChange={(event) => setHost(event.currentTarget.value)} />
        <TextInput label="Owner" size="sm" value={owner} onChange={(event) => setOwner(event.currentTarget.value)} />
        <TextInput label="Tag (key:value)" size="sm" value={tag} onChange={(event) => setTag(event.currentTarget.value)} />
        <TextInput label="Site" size="sm" value={site} onChange={(event) => setSite(event.currentTarget.value)} />
        <Button type="submit" size="sm" variant="default" disabled={policy === '' || (host + owner + tag + site).trim() === ''}>
          Assign
        </Button>
      </form>
      <Errors of={errors} />
    </section>
  );
}
