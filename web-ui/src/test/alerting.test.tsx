import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes } from 'react-router';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Alerting } from '../pages/alerting/Alerting';
import { matchersOf, secondsOf, textOf, timeOf } from '../pages/alerting/RouteForm';
import { server, show } from './harness';

afterEach(() => vi.unstubAllGlobals());

const TEAM = { id: 4, name: 'web-team', kind: 'slack', settings: {}, state: 'ok', pending: 0, createdAt: '2026-11-21T08:00:00Z' };
const BOSS = { ...TEAM, id: 5, name: 'boss' };
const ROUTE = { id: 7, receiverId: 4, receiver: 'web-team', position: 3, minSeverity: 'low', matchers: [{ name: 'owner', operator: '=', value: 'web' }], continue: false, groupWaitSeconds: 30, steps: [{ receiverId: 5, afterSeconds: 3600 }] };
const NO_FILE = { state: 'none', file: null, appliedAt: null, problems: [] };

const page = (
  <Routes>
    <Route path="/alerting/*" element={<Alerting />} />
  </Routes>
);

describe('alerting', () => {
  it('shows where a finding would go, and what silences it', async () => {
    const calls = server({
      'GET /routes': { items: [ROUTE], nextCursor: null },
      'GET /receivers': { items: [TEAM, BOSS], nextCursor: null },
      'GET /alerting-file': NO_FILE,
      'POST /routes/try': { labels: { severity: 'high' }, routes: [ROUTE], silencedBy: [{ id: 1, reason: 'rebuild', endsAt: '2026-11-24T06:00:00Z', matchers: [], createdBy: 'a', createdAt: '2026-11-21T08:00:00Z', startsAt: '2026-11-21T08:00:00Z', state: 'active' }] },
    });
    show(page, '/alerting/routes');
    const finding = await screen.findByRole('textbox', { name: 'A finding' });
    await userEvent.clear(finding);
    await userEvent.type(finding, 'severity=high owner=web');
    await userEvent.click(screen.getByRole('button', { name: 'Try' }));
    expect(await screen.findByText(/hidden until/)).toHaveTextContent('rebuild');
    const status = screen.getByText(/hidden until/).parentElement;
    expect(status).toHaveTextContent('web-team after 30 s');
    expect(status).toHaveTextContent(/then boss after .*, unless somebody acknowledges/);
    expect(calls.find((call) => call.path === '/routes/try')?.body).toEqual({ labels: { severity: 'high', owner: 'web' } });
  });

  it('changes a route and keeps what was not touched', async () => {
    const calls = server({ 'GET /routes': { items: [ROUTE], nextCursor: null }, 'GET /receivers': { items: [TEAM, BOSS], nextCursor: null }, 'GET /alerting-file': NO_FILE, 'PUT /routes/7': ROUTE });
    show(page, '/alerting/routes');
    await userEvent.click(await screen.findByRole('button', { name: 'Change' }));
    const form = await screen.findByRole('dialog');
    await userEvent.type(within(form).getByRole('textbox', { name: 'Again every' }), '12h');
    await userEvent.click(within(form).getByRole('button', { name: 'Change' }));
    await vi.waitFor(() => expect(calls.some((call) => call.method === 'PUT')).toBe(true));
    expect(calls.find((call) => call.method === 'PUT')?.body).toEqual({ receiverId: 4, minSeverity: 'low', position: 3, matchers: [{ name: 'owner', operator: '=', value: 'web' }], repeatSeconds: 43_200, steps: [{ receiverId: 5, afterSeconds: 3600 }] });
  });

  it('changes a receiver and keeps its secret and what has no field', async () => {
    const mail = { ...TEAM, id: 9, name: 'post', kind: 'email', settings: { host: 'mx.example', port: 25, tls: 'none', from: 'a@b.example', to: ['c@b.example', 'd@b.example'], caCertificates: 'PEM', digest: 'daily' } };
    const calls = server({ 'GET /receivers': { items: [mail], nextCursor: null }, 'GET /alerting-file': NO_FILE, 'PUT /receivers/9': mail });
    show(page, '/alerting/receivers');
    await userEvent.click(await screen.findByRole('button', { name: 'Change' }));
    const form = await screen.findByRole('dialog');
    const host = within(form).getByRole('textbox', { name: /Server/ });
    await userEvent.clear(host);
    await userEvent.type(host, 'mx2.example');
    await userEvent.click(within(form).getByRole('button', { name: 'Change' }));
    await vi.waitFor(() => expect(calls.some((call) => call.method === 'PUT')).toBe(true));
    expect(calls.find((call) => call.method === 'PUT')?.body).toEqual({ name: 'post', kind: 'email', settings: { ...mail.settings, host: 'mx2.example' } });
  });

  it('says that the alerting file is wrong, and where', async () => {
    server({ 'GET /routes': { items: [], nextCursor: null }, 'GET /receivers': { items: [], nextCursor: null }, 'GET /alerting-file': { state: 'invalid', file: '/etc/tlsfleet/alerting.yaml', appliedAt: '2026-11-21T08:00:00Z', problems: [{ line: 7, column: 3, message: "no receiver of this file is called 'nobody'" }] } });
    show(page, '/alerting/routes');
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('What it said before stays in force');
    expect(alert).toHaveTextContent("line 7, column 3: no receiver of this file is called 'nobody'");
  });

  it('writes matchers and times as it reads them', () => {
    const text = 'owner=web tag.env=~"prod|stage" rule!=a';
    expect(matchersOf(textOf(matchersOf(text)))).toEqual(matchersOf(text));
    expect([30, 90, 300, 7200, 86_400].map((one) => secondsOf(timeOf(one)))).toEqual([30, 90, 300, 7200, 86_400]);
    expect(secondsOf('soon')).toBeUndefined();
  });
});
