/** One route, new or changed: what, to whom, when, and who is next if nobody acknowledges. */
import { Button, Checkbox, Modal, Select, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState, type FormEvent } from 'react';
import { api } from '../../api/client';
import { queryClient, useAll } from '../../api/queries';
import type { Matcher, Receiver, Route } from '../../api/shapes';
import { SEVERITIES } from '../../parts/words';

export function refreshRoutes() {
  void queryClient.invalidateQueries({ queryKey: ['list'] });
  void queryClient.invalidateQueries({ queryKey: ['alert'] });
}

/** `owner=web-team tag.env!=test` → matchers. */
export function matchersOf(text: string): Matcher[] {
  return [...text.matchAll(/([A-Za-z0-9_.-]+)\s*(=~|!~|!=|=)\s*("[^"]*"|[^\s,]+)/g)].map(([, name = '', operator = '=', value = '']) => ({ name, operator: operator as Matcher['operator'], value: value.replace(/^"(.*)"$/, '$1') }));
}

/** Matchers as they are written. */
export function textOf(matchers: Matcher[] = []): string {
  return matchers.map(({ name, operator, value }) => `${name}${operator ?? '='}${/^[^\s,"]+$/.test(value) ? value : `"${value}"`}`).join(' ');
}

/** `30s`, `5m`, `2h`, `1d` as seconds; nothing where nothing is written. */
export function secondsOf(text: string): number | undefined {
  const found = /^\s*([0-9]+)\s*([smhd]?)\s*$/.exec(text);
  return found ? Number(found[1]) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[found[2] || 's'] ?? 1) : undefined;
}

/** Seconds as they are written. */
export function timeOf(seconds?: number | null): string {
  if (!seconds) return '';
  const [size, unit] = ([[86_400, 'd'], [3600, 'h'], [60, 'm']] as const).find(([size]) => seconds % size === 0) ?? [1, 's'];
  return `${seconds / size}${unit}`;
}

interface Step {
  receiver: string | null;
  after: string;
}

function fieldsOf(route?: Route): Record<string, string> {
  return {
    matchers: textOf(route?.matchers),
    place: route?.position ? String(route.position) : '',
    wait: route && route.groupWaitSeconds !== 30 ? timeOf(route.groupWaitSeconds) : '',
    interval: timeOf(route?.groupIntervalSeconds),
    repeat: timeOf(route?.repeatSeconds),
    after: timeOf(route?.afterSeconds),
    groupBy: (route?.groupBy ?? []).join(', '),
    quietFrom: route?.quietHours?.from ?? '',
    quietTo: route?.quietHours?.to ?? '',
    quietZone: route?.quietHours?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    quietBelow: route?.quietHours?.below ?? 'high',
  };
}

const stepsOf = (route?: Route): Step[] => (route?.steps ?? []).map((step) => ({ receiver: String(step.receiverId), after: timeOf(step.afterSeconds) }));

/** `of`: the route to change; a new one if absent. */
export function RouteForm({ of }: { of?: Route }) {
  const [open, dialog] = useDisclosure(false);
  const receivers = useAll<Receiver>('/receivers');
  const [receiver, setReceiver] = useState<string | null>(of ? String(of.receiverId) : null);
  const [severity, setSeverity] = useState<string | null>(of ? of.minSeverity ?? 'medium' : 'high');
  const [goOn, setGoOn] = useState(of?.continue ?? false);
  const [fields, setFields] = useState(() => fieldsOf(of));
  const [steps, setSteps] = useState(() => stepsOf(of));
  const [error, setError] = useState<string>();
  const set = (key: string, value: string) => setFields((before) => ({ ...before, [key]: value }));
  const field = (key: string) => ({ value: fields[key] ?? '', onChange: (event: { currentTarget: { value: string } }) => set(key, event.currentTarget.value) });
  const choices = (receivers.data ?? []).map((one) => ({ value: String(one.id), label: one.name }));
  const setStep = (at: number, change: Partial<Step>) => setSteps((before) => before.map((step, i) => (i === at ? { ...step, ...change } : step)));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    const times = { groupWaitSeconds: fields.wait, groupIntervalSeconds: fields.interval, repeatSeconds: fields.repeat, afterSeconds: fields.after };
    const taken = steps.filter((step) => step.receiver);
    const wrong = [...Object.values(times), ...taken.map((step) => step.after || '30m')].find((text) => text?.trim() && secondsOf(text) === undefined);
    if (wrong) {
      setError(`'${wrong}' is no time like 30s, 5m, 2h or 1d`);
      return;
    }
    const groupBy = (fields.groupBy ?? '').split(/[\s,]+/).filter(Boolean);
    const route = {
      receiverId: Number(receiver),
      minSeverity: severity ?? 'info',
      matchers: matchersOf(fields.matchers ?? ''),
      ...(fields.place?.trim() ? { position: Number(fields.place) } : {}),
      ...(goOn ? { continue: true } : {}),
      ...Object.fromEntries(Object.entries(times).flatMap(([key, text]) => (text?.trim() ? [[key, secondsOf(text)]] : []))),
      ...(groupBy.length > 0 ? { groupBy } : {}),
      ...(taken.length > 0 ? { steps: taken.map((step) => ({ receiverId: Number(step.receiver), afterSeconds: secondsOf(step.after || '30m') })) } : {}),
      ...(fields.quietFrom && fields.quietTo ? { quietHours: { from: fields.quietFrom, to: fields.quietTo, zone: fields.quietZone, below: fields.quietBelow } } : {}),
    };
    try {
      await (of ? api.put(`/routes/${of.id}`, route) : api.post('/routes', route));
      refreshRoutes();
      if (!of) {
        setFields(fieldsOf());
        setSteps([]);
      }
      dialog.close();
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };

  return (
    <>
      <Button variant={of ? 'subtle' : 'default'} size={of ? 'compact-sm' : 'sm'} onClick={dialog.open}>
        {of ? 'Change' : 'Add a route'}
      </Button>
      <Modal opened={open} onClose={dialog.close} title={of ? 'Change a route' : 'Add a route'}>
        <form className="form" onSubmit={(event) => void submit(event)}>
          <Select label="Goes to" placeholder={receivers.data?.length === 0 ? 'add a receiver first' : 'receiver'} data={choices} value={receiver} onChange={setReceiver} required />
          <Select label="From this severity up" placeholder="any" data={[...SEVERITIES]} value={severity} onChange={setSeverity} clearable />
          <TextInput label="Only what matches" description="severity, rule, owner, site, environment, policy, host, endpoint, cause or tag.KEY, with =, !=, =~ or !~" placeholder="owner=web-team environment=prod" {...field('matchers')} />
          <div className="form-row">
            <TextInput label="Place in the list" type="number" placeholder="0: lower ones are tried first" {...field('place')} />
            <Checkbox label="and on to the next route" checked={goOn} onChange={(event) => setGoOn(event.currentTarget.checked)} />
          </div>
          <div className="form-row">
            <TextInput label="Waits for others" placeholder="30s" {...field('wait')} />
            <TextInput label="Only after" placeholder="at once" {...field('after')} />
          </div>
          <div className="form-row">
            <TextInput label="Together by" placeholder="rule, owner" {...field('groupBy')} />
            <TextInput label="At most every" placeholder="5m" {...field('interval')} />
          </div>
          <TextInput label="Again every" placeholder="never, critical daily" {...field('repeat')} />
          {steps.map((step, at) => (
            <div className="form-row" key={at}>
              <Select label="Escalates to" placeholder="nobody" data={choices} value={step.receiver} onChange={(value) => setStep(at, { receiver: value })} clearable />
              <TextInput label="Unacknowledged for" placeholder="30m" value={step.after} onChange={(event) => setStep(at, { after: event.currentTarget.value })} />
            </div>
          ))}
          <Button variant="default" size="compact-sm" onClick={() => setSteps((before) => [...before, { receiver: null, after: '' }])}>
            Add an escalation step
          </Button>
          <div className="form-row">
            <TextInput label="Quiet from" type="time" {...field('quietFrom')} />
            <TextInput label="To" type="time" {...field('quietTo')} />
          </div>
          <div className="form-row">
            <TextInput label="Time zone" {...field('quietZone')} />
            <Select label="Quiet is what is below" data={[...SEVERITIES]} value={fields.quietBelow ?? 'high'} onChange={(value) => set('quietBelow', value ?? 'high')} allowDeselect={false} />
          </div>
          {error ? (
            <p role="alert" className="severity tone-critical" style={{ whiteSpace: 'normal' }}>
              {error}
            </p>
          ) : null}
          <Button type="submit" size="sm" disabled={!receiver}>
            {of ? 'Change' : 'Add'}
          </Button>
        </form>
      </Modal>
    </>
  );
}
