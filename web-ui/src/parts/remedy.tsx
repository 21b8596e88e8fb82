/** The lines that mend a finding, for the server software that is there or is chosen. */
import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../api/client';
import { refreshEndpoint } from '../api/queries';
import type { Finding, RemedyLines } from '../api/shapes';
import { Command } from './finding';

const CHOSEN = 'tlsfleet.stack';

/** Asked for only once it is opened: most findings are read, not mended. */
export function Lines({ rule, stack }: { rule: string; stack?: string | null }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Lines for your server</summary>
      {open ? <Chosen rule={rule} stack={stack} /> : null}
    </details>
  );
}

function Chosen({ rule, stack }: { rule: string; stack?: string | null }) {
  const remedies = useQuery({ queryKey: ['remedies', rule], queryFn: ({ signal }) => api.get<RemedyLines>(`/remedies/${rule}`, undefined, signal), staleTime: Infinity });
  const [chosen, setChosen] = useState(() => localStorage.getItem(CHOSEN) ?? '');
  const stacks = remedies.data?.stacks ?? [];
  const shown = stacks.find((one) => one.stack === (chosen || stack)) ?? stacks[0];
  if (remedies.isPending) return <p className="quiet">Loading …</p>;
  if (!shown) return <p className="quiet">No single setting mends this.</p>;
  return (
    <div className="form">
      <Select
        size="xs"
        label={stack && stack === shown.stack ? 'Server, as it names itself' : 'Server'}
        data={stacks.map((one) => ({ value: one.stack, label: one.title }))}
        value={shown.stack}
        onChange={(value) => {
          if (value) {
            setChosen(value);
            localStorage.setItem(CHOSEN, value);
          }
        }}
        allowDeselect={false}
      />
      <Command text={shown.lines.join('\n')} />
    </div>
  );
}

/** Scans again, no deeper than it takes to see this one thing; the page follows the scan. */
export function Verify({ finding }: { finding: Finding }) {
  const [words, setWords] = useState('');
  const verify = async () => {
    setWords('asked for …');
    try {
      const asked = await api.post<{ depth: string }>(`/findings/${finding.id}/verify`);
      setWords(`a scan of depth ${asked.depth} is queued before all others; what it finds shows here`);
      setTimeout(() => refreshEndpoint(finding.endpointId), 3_000);
    } catch (problem) {
      setWords(problem instanceof Error ? problem.message : String(problem));
    }
  };
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={() => void verify()}>
        Verify this fix
      </Button>
      {words ? (
        <span className="quiet" role="status">
          {words}
        </span>
      ) : null}
    </>
  );
}
