/** One finding: what, why it matters, what to do; evidence and the command that shows it one click away. */
import { Button, CopyButton, Modal, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type FormEvent, type ReactNode } from 'react';
import { api } from '../api/client';
import { queryClient } from '../api/queries';
import type { Finding, ReportFinding } from '../api/shapes';
import { SeverityMark } from './marks';
import { Moment } from './page';
import { Lines, Verify } from './remedy';
import { defused, Lined, Shown } from './shown';
import { referenceLink } from './words';

export function FindingCard({ finding, stored, head, stack }: { finding: ReportFinding | Finding; stored?: Finding; head?: ReactNode; stack?: string | null }) {
  const acknowledged = stored?.state === 'acknowledged';
  const evidence = evidenceText(finding.evidence);
  return (
    <article className={`finding tone-${finding.severity}${acknowledged ? ' acknowledged' : ''}`} id={finding.rule}>
      <header>
        <SeverityMark severity={finding.severity} />
        <h3>
          <Shown>{finding.title}</Shown>
        </h3>
        <span className="aside">
          {stored ? (
            <>
              since <Moment at={stored.firstSeen} />
            </>
          ) : null}
        </span>
      </header>
      {head}
      <p>
        <Shown>{finding.detail}</Shown>
      </p>
      {finding.why ? (
        <p className="quiet">
          <Shown>{finding.why}</Shown>
        </p>
      ) : null}
      {finding.remedy ? (
        <p className="remedy">
          <strong>To mend it: </strong>
          <Shown>{finding.remedy}</Shown>
        </p>
      ) : null}
      <Lines rule={finding.rule} stack={stack} />
      {acknowledged ? (
        <p className="quiet">
          Acknowledged by <Shown>{stored.acknowledgement?.by ?? 'someone'}</Shown>: <Shown>{stored.acknowledgement?.reason ?? ''}</Shown>
          {stored.acknowledgement?.until ? ` (until ${stored.acknowledgement.until.slice(0, 10)})` : ''}
        </p>
      ) : null}
      <details>
        <summary>Evidence, and how to see it yourself</summary>
        <div className="form">
          {evidence ? (
            <pre className="block">
              <Lined>{evidence}</Lined>
            </pre>
          ) : null}
          {finding.reproduce ? <Command text={finding.reproduce} /> : null}
          <p className="quiet">
            rule <code>{finding.rule}</code> of policy <Shown>{finding.policy}</Shown>
            {finding.references.map((reference) => (
              <span key={reference}>
                {' · '}
                <Reference text={reference} />
              </span>
            ))}
          </p>
        </div>
      </details>
      {stored && stored.state !== 'resolved' ? (
        <div className="actions">
          <Verify finding={stored} />
          <Acknowledge finding={stored} />
        </div>
      ) : null}
    </article>
  );
}

function evidenceText(evidence: unknown): string | undefined {
  if (evidence === undefined || evidence === null || evidence === '') return undefined;
  if (typeof evidence === 'object' && Object.keys(evidence).length === 0) return undefined;
  return typeof evidence === 'string' ? defused(evidence) : JSON.stringify(evidence, null, 2);
}

function Reference({ text }: { text: string }) {
  const link = referenceLink(text);
  return link ? (
    <a href={link} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  ) : (
    <Shown>{text}</Shown>
  );
}

export function Command({ text }: { text: string }) {
  return (
    <div className="actions" style={{ flexWrap: 'nowrap', alignItems: 'flex-start' }}>
      <pre className="block" style={{ flex: 1, minWidth: 0 }}>
        <Lined>{text}</Lined>
      </pre>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" size="compact-sm" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}

const DAY = 86_400_000;

export function Acknowledge({ finding }: { finding: Finding }) {
  const [open, dialog] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState(() => new Date(Date.now() + 30 * DAY).toISOString().slice(0, 10));
  const [error, setError] = useState<string>();

  const done = () => {
    void queryClient.invalidateQueries({ queryKey: ['list'] });
    void queryClient.invalidateQueries({ queryKey: ['summary'] });
    dialog.close();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    try {
      await api.post(`/findings/${finding.id}/acknowledge`, { reason: reason.trim(), until: `${until}T00:00:00.000Z` });
      done();
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };
  const takeBack = async () => {
    await api.remove(`/findings/${finding.id}/acknowledge`).catch((problem: unknown) => setError(String(problem)));
    done();
  };

  if (finding.state === 'resolved') return null;
  return (
    <div className="actions">
      {finding.state === 'acknowledged' ? (
        <Button variant="default" size="compact-sm" onClick={() => void takeBack()}>
          Take the acknowledgement back
        </Button>
      ) : (
        <Button variant="default" size="compact-sm" onClick={dialog.open}>
          Acknowledge
        </Button>
      )}
      <Modal opened={open} onClose={dialog.close} title="Acknowledge this finding">
        <form className="form" onSubmit={(event) => void submit(event)}>
          <p className="quiet">It stays in the list and stops notifying, until that day or until it is mended.</p>
          <Textarea label="Reason" placeholder="what is known about it, and where it is tracked" value={reason} onChange={(event) => setReason(event.currentTarget.value)} required data-autofocus rows={3} />
          <TextInput label="Until" type="date" value={until} min={new Date().toISOString().slice(0, 10)} onChange={(event) => setUntil(event.currentTarget.value)} required />
          {error ? (
            <p role="alert" className="severity tone-critical">
              {error}
            </p>
          ) : null}
          <Button type="submit" size="sm" disabled={reason.trim() === ''}>
            Acknowledge
          </Button>
        </form>
      </Modal>
    </div>
  );
}
