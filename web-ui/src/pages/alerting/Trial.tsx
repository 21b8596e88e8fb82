/** Where would this finding go? The routes that take it, who hears of it when, and what silences it. */
import { Button, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import type { RouteTrial } from '../../api/shapes';
import { Moment, Panel } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { span } from '../../parts/words';
import { matchersOf } from './RouteForm';
import { Step } from './Step';

/** `routes`: how many there are at all. */
export function Trial({ routes }: { routes: number }) {
  const [text, setText] = useState('severity=critical rule=certificate.expired owner=web tag.env=prod');
  const [trial, setTrial] = useState<RouteTrial>();
  const [error, setError] = useState<string>();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    setTrial(undefined);
    const labels = Object.fromEntries(matchersOf(text).map(({ name, value }) => [name, value]));
    try {
      setTrial(await api.post<RouteTrial>('/routes/try', { labels }));
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };
  return (
    <Panel title="Where would this go?">
      <form className="form" onSubmit={(event) => void submit(event)}>
        <TextInput label="A finding" description="severity, rule, owner, site, environment, policy, host, endpoint, cause or tag.KEY" value={text} onChange={(event) => setText(event.currentTarget.value)} required />
        <Button type="submit" size="sm" variant="default" style={{ justifySelf: 'start', alignSelf: 'start' }}>
          Try
        </Button>
        {error ? (
          <p role="alert" className="severity tone-critical" style={{ whiteSpace: 'normal' }}>
            {error}
          </p>
        ) : null}
        {trial ? (
          <div role="status">
            {trial.routes.length === 0 ? <p>{routes === 0 ? 'There is no route yet: every receiver hears of medium and above.' : 'Nobody is told: no route takes it.'}</p> : null}
            {trial.routes.map((route) => (
              <div key={route.id}>
                <strong>
                  <Shown>{route.receiver}</Shown>
                </strong>
                {` after ${span((route.afterSeconds || (trial.labels.severity === 'critical' ? Math.min(5, route.groupWaitSeconds ?? 30) : route.groupWaitSeconds ?? 30)) * 1000)}`}
                {route.quietHours ? `; below ${route.quietHours.below ?? 'high'} not from ${route.quietHours.from} to ${route.quietHours.to} ${route.quietHours.zone ?? 'UTC'}` : ''}
                {(route.steps ?? []).map((step) => (
                  <Step key={`${step.receiverId} ${step.afterSeconds}`} step={step} />
                ))}
              </div>
            ))}
            {trial.silencedBy.map((silence) => (
              <p key={silence.id} className="severity tone-medium" style={{ whiteSpace: 'normal' }}>
                hidden until <Moment at={silence.endsAt} />: <Shown>{silence.reason}</Shown>
              </p>
            ))}
          </div>
        ) : null}
      </form>
    </Panel>
  );
}
