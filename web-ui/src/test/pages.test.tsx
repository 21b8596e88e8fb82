import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Route, Routes } from 'react-router';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { App } from '../app/App';
import { Certificates } from '../pages/certificates/Certificates';
import { EndpointPage } from '../pages/endpoint/EndpointPage';
import { Endpoints } from '../pages/endpoints/Endpoints';
import { Findings } from '../pages/findings/Findings';
import { Overview } from '../pages/overview/Overview';
import { Sites } from '../pages/sites/Sites';
import { endpoint, finding, HOSTILE, report, summary } from './data';
import { Refusal, server, show } from './harness';

const page = (items: unknown[]) => ({ items, nextCursor: null, total: items.length });
beforeEach(() => vi.unstubAllGlobals());

describe('the door', () => {
  it('asks for a token, says when it is wrong, and lets a right one in', async () => {
    let signedIn = false;
    const session = { user: 'admin', role: 'admin' };
    server({
      'GET /session': () => (signedIn ? session : new Refusal(401, { title: 'Unauthorized' })),
      'POST /session': ({ body }: { body: unknown }) => {
        signedIn = (body as { token: string }).token === 'right';
        return signedIn ? session : new Refusal(401, { title: 'Unauthorized' });
      },
      'GET /summary': summary,
    });
    show(<App />);
    await userEvent.type(await screen.findByLabelText(/Token/, { selector: 'input' }), 'wrong');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByText(/not known here/)).toBeInTheDocument();
    await userEvent.clear(screen.getByLabelText(/Token/, { selector: 'input' }));
    await userEvent.type(screen.getByLabelText(/Token/, { selector: 'input' }), ' right ');
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    expect(await screen.findByRole('heading', { name: 'Overview' })).toBeInTheDocument();
  });
  it('says that it connects, and comes back by itself once the server does', async () => {
    let away = true;
    server({ 'GET /session': () => (away ? new Refusal(503, { title: 'Unavailable', detail: 'the database does not answer; try again' }) : { user: 'admin', role: 'admin' }), 'GET /summary': summary });
    show(<App />);
    expect(screen.getByText('Connecting…')).toBeInTheDocument();
    expect(await screen.findByText(/database does not answer/)).toBeInTheDocument();
    away = false;
    expect(await screen.findByRole('heading', { name: 'Overview' }, { timeout: 6_000 })).toBeInTheDocument();
  }, 15_000);
  it('puts / into the search field', async () => {
    server({ 'GET /session': { user: 'admin', role: 'admin' }, 'GET /summary': summary });
    show(<App />);
    await screen.findByRole('heading', { name: 'Overview' });
    await userEvent.keyboard('/');
    expect(screen.getByRole('combobox', { name: 'search' })).toHaveFocus();
  });
});

describe('overview', () => {
  it('leads from every number to its list', async () => {
    server({ 'GET /summary': summary });
    show(<Overview />);
    const cause = await screen.findByRole('link', { name: 'Incomplete chain' });
    expect(cause).toHaveAttribute('href', '/findings?rule=certificate.chain-incomplete&cause=g2');
    expect(screen.getByRole('link', { name: '2 endpoints' })).toHaveAttribute('href', '/endpoints?rule=certificate.chain-incomplete&cause=g2');
    expect(screen.getByRole('link', { name: '2 endpoints' }).parentElement).toHaveTextContent(/2 endpoints · since/);
    expect(screen.getByRole('link', { name: /need attention/ })).toHaveAttribute('href', '/endpoints?atLeast=medium&sort=worst');
    expect(screen.getByRole('link', { name: /1\s*unreachable/ })).toHaveAttribute('href', '/endpoints?state=unreachable');
    expect(screen.getByRole('link', { name: /TLS 1\.0/ })).toHaveAttribute('href', '/endpoints?protocol=TLSv1.0');
    expect(screen.getByRole('link', { name: 'web-team' })).toHaveAttribute('href', '/findings?owner=web-team');
  });
  it('names the endpoint of a cause that has but one, and writes thousands apart', async () => {
    const expired = { ...summary.causes[0], rule: 'certificate.expired', title: 'Certificate expired', detail: 'It ended 9 days ago.' };
    const of = (id: number, endpoint: string) => ({ ...expired, cause: `c${id}`, endpoints: 1, examples: [{ findingId: id, endpointId: id, endpoint }] });
    server({ 'GET /summary': { ...summary, findingsOpen: { ...summary.findingsOpen, high: 3597 }, causes: [of(7, 'shop.example:443'), of(8, 'pay.example:443'), { ...expired, cause: 'c9', examples: [{ findingId: 9, endpointId: 9, endpoint: 'one-of-two.example:443' }] }] } });
    show(<Overview />);
    expect(await screen.findByRole('link', { name: 'shop.example:443' })).toHaveAttribute('href', '/endpoints/7#certificate.expired');
    expect(screen.getByRole('link', { name: 'pay.example:443' })).toBeInTheDocument();
    expect(screen.queryByRole('link', { name: 'one-of-two.example:443' })).toBeNull();
    expect(screen.getByTitle('3,597 high')).toHaveTextContent('3,597');
  });
  it('guides who has nothing yet', async () => {
    server({ 'GET /summary': { ...summary, endpoints: { total: 0, ok: 0, findings: 0, unreachable: 0, neverScanned: 0 } } });
    show(<Overview />);
    expect(await screen.findByText(/Nothing is watched yet/)).toBeInTheDocument();
    expect(screen.getByText(/up --demo/)).toBeInTheDocument();
  });
  it('says so when the server does not answer', async () => {
    server({ 'GET /summary': new Refusal(503, { detail: 'the database is away' }) });
    show(<Overview />);
    expect(await screen.findByRole('alert', {}, { timeout: 15_000 })).toHaveTextContent('the database is away');
  });
});

describe('endpoints', () => {
  it('keeps the filter in the address and asks the server with it', async () => {
    const calls = server({ 'GET /endpoints': page([endpoint]) });
    show(<Endpoints />, '/endpoints?owner=web-team&tag=env:prod&tag=tier:1');
    expect(await screen.findByRole('link', { name: 'shop.example:443' })).toHaveAttribute('href', '/endpoints/7');
    expect(calls.at(-1)?.query.get('owner')).toBe('web-team');
    expect(calls.at(-1)?.query.getAll('tag')).toEqual(['env:prod', 'tier:1']);
    await userEvent.click(screen.getByRole('button', { name: 'remove owner web-team' }));
    expect(screen.getByTestId('where')).toHaveTextContent('/endpoints?tag=env%3Aprod&tag=tier%3A1');
    await waitFor(() => expect(calls.at(-1)?.query.get('owner')).toBeNull());
  });
  it('adds a target and goes to its page', async () => {
    const calls = server({ 'GET /endpoints': page([]), 'POST /targets': { ids: [70], added: 1, updated: 0, items: [{ endpointId: 7 }] } });
    show(<Endpoints />, '/endpoints');
    await userEvent.click((await screen.findAllByRole('button', { name: 'Add a target' }))[0]!);
    await userEvent.type(await screen.findByLabelText(/^Host/), 'shop.example:8443');
    await userEvent.tab();
    await userEvent.click(screen.getByRole('button', { name: 'Add and scan' }));
    await waitFor(() => expect(screen.getByTestId('where')).toHaveTextContent('/endpoints/7'));
    expect(calls.find((call) => call.method === 'POST')?.body).toEqual({ host: 'shop.example', port: 8443 });
  });
  it('says how many there are while most are yet to come', async () => {
    server({ 'GET /endpoints': { items: [endpoint], nextCursor: 'more', total: 3012 } });
    show(<Endpoints />, '/endpoints?state=unreachable&owned=false');
    expect(await screen.findByText('3,012 endpoints of that kind')).toBeInTheDocument();
    expect(screen.getByText('by nobody')).toBeInTheDocument();
  });
  it('shows the problem at the field that it names', async () => {
    server({ 'GET /endpoints': page([endpoint]), 'POST /targets': new Refusal(400, { detail: 'port 99999 is out of range 1 to 65535', field: 'port' }) });
    show(<Endpoints />, '/endpoints');
    await userEvent.click((await screen.findAllByRole('button', { name: 'Add a target' }))[0]!);
    await userEvent.type(await screen.findByLabelText(/^Host/), 'a.example');
    await userEvent.click(screen.getByRole('button', { name: 'Add and scan' }));
    await waitFor(() => expect(screen.getByLabelText(/^Port/)).toHaveAccessibleDescription(/out of range/));
  });
});

describe('a line of the list', () => {
  it('ends where it says nothing more', async () => {
    server({ 'GET /endpoints': page([{ ...endpoint, name: 'mail.example:25 starttls=smtp', starttls: 'smtp', addresses: [] }]) });
    show(<Endpoints />, '/endpoints');
    const cell = (await screen.findByRole('link', { name: 'mail.example:25 starttls=smtp' })).closest('td');
    expect(cell?.textContent).not.toMatch(/·\s*$/);
  });
});

describe('one endpoint', () => {
  const answers = { 'GET /endpoints/7': endpoint, 'GET /endpoints/7/report': report, 'GET /endpoints/7/history': page([]), 'GET /endpoints/7/changes': page([]), 'GET /findings': page([finding]) };
  const open = () =>
    show(
      <Routes>
        <Route path="/endpoints/:id" element={<EndpointPage />} />
      </Routes>,
      '/endpoints/7',
    );

  it('says the verdict, why, and what is not known', async () => {
    server(answers);
    open();
    const heading = await screen.findByRole('heading', { name: 'Incomplete chain' });
    const card = heading.closest('article') as HTMLElement;
    expect(card).toHaveTextContent('Append the intermediate.');
    expect(within(card).getByText('high')).toBeInTheDocument();
    expect(screen.getByText('the server was asked and stayed silent')).toBeInTheDocument();
    expect(screen.getByText('intermediate, not sent')).toBeInTheDocument();
    expect(screen.getByText('no forward secrecy')).toBeInTheDocument();
  });
  it('says that the report is on its way', async () => {
    let come: (report: unknown) => void = () => undefined;
    server({ ...answers, 'GET /endpoints/7/report': () => new Promise((resolve) => (come = resolve)) });
    open();
    const panel = (await screen.findByRole('heading', { name: 'Report' })).closest('section') as HTMLElement;
    expect(within(panel).getByLabelText('loading')).toBeInTheDocument();
    come(report);
    expect(await screen.findByRole('heading', { name: 'Incomplete chain' })).toBeInTheDocument();
    expect(screen.queryByRole('heading', { name: 'Report' })).toBeNull();
  });
  it('simulates no client where no version is accepted', async () => {
    server({ ...answers, 'GET /endpoints/7/report': { ...report, protocols: { 'TLSv1.2': 'unknown', 'TLSv1.3': 'unknown' }, cipherSuites: undefined } });
    open();
    await screen.findByRole('heading', { name: 'Incomplete chain' });
    expect(screen.queryByRole('heading', { name: 'Clients, and what would break' })).toBeNull();
  });
  it('keeps a hostile name text and links no script', async () => {
    server(answers);
    const { container } = open();
    await screen.findByRole('heading', { name: 'Incomplete chain' });
    expect(container.querySelector('img')).toBeNull();
    expect(container.textContent).not.toContain(HOSTILE);
    expect(container.textContent).toContain('\\u202Egro.live\\u0007');
    expect([...container.querySelectorAll('a')].filter((link) => /^javascript:/i.test(link.getAttribute('href') ?? ''))).toEqual([]);
  });
  it('acknowledges with a reason and an end', async () => {
    const calls = server({ ...answers, 'POST /findings/3/acknowledge': { ...finding, state: 'acknowledged' } });
    open();
    await userEvent.click(await screen.findByRole('button', { name: 'Acknowledge' }));
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(within(dialog).getByLabelText(/Reason/), 'known, T-1');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Acknowledge' }));
    await waitFor(() => expect(calls.find((call) => call.path === '/findings/3/acknowledge')?.body).toMatchObject({ reason: 'known, T-1', until: expect.stringMatching(/^\d{4}-\d\d-\d\dT00:00:00\.000Z$/) }));
  });
  it('asks for a scan of its target', async () => {
    const calls = server({ ...answers, 'POST /targets/70/scan': { targetId: 70, endpointIds: [7] } });
    open();
    await screen.findByRole('heading', { name: 'Incomplete chain' });
    await userEvent.click(screen.getByRole('button', { name: 'Scan now' }));
    await waitFor(() => expect(calls.some((call) => call.method === 'POST' && call.path === '/targets/70/scan')).toBe(true));
  });
});

describe('long lists', () => {
  const many = Array.from({ length: 100 }, (_, n) => ({ ...endpoint, id: n + 1, name: `n${n}.example:443` }));
  it('say how far down one is, of how many where that is known', async () => {
    server({ 'GET /endpoints': (call: { query: URLSearchParams }) => (call.query.get('cursor') ? { items: [{ ...endpoint, id: 101, name: 'last.example:443' }], nextCursor: null, total: null } : { items: many, nextCursor: 'x', total: 3016 }) });
    show(<Endpoints />, '/endpoints');
    expect(await screen.findByText('100 of 3,016 shown')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
    expect(await screen.findByText('last.example:443')).toBeInTheDocument();
    expect(screen.queryByText(/shown/)).toBeNull();
  });
  it('say how much is shown where nobody has counted', async () => {
    server({ 'GET /findings/causes': { items: [summary.causes[0]], nextCursor: 'x' } });
    show(<Findings />, '/findings');
    expect(await screen.findByText('1 shown')).toBeInTheDocument();
  });
});

describe('other pages', () => {
  it('groups findings by cause', async () => {
    server({ 'GET /findings/causes': page([{ ...summary.causes[0], examples: [{ findingId: 3, endpointId: 7, endpoint: 'shop.example:443' }] }]) });
    show(<Findings />, '/findings?owner=web');
    expect(await screen.findByRole('link', { name: 'Incomplete chain' })).toHaveAttribute('href', '/findings?owner=web&rule=certificate.chain-incomplete&cause=g2');
    expect(screen.getByRole('link', { name: 'shop.example:443' })).toHaveAttribute('href', '/endpoints/7#certificate.chain-incomplete');
    expect(screen.getByText(/^2 endpoints/)).toHaveTextContent(/2 endpoints · 1 owner · since/);
  });
  it('says plainly that a server does not offer a part', async () => {
    server({});
    show(<Sites />);
    expect(await screen.findAllByText('This server does not offer this')).toHaveLength(3);
  });
  it('does not blame the server for an endpoint that is gone', async () => {
    server({ 'GET /endpoints/2': new Refusal(404, { title: 'Not found', detail: 'there is no endpoint 2' }) });
    show(
      <Routes>
        <Route path="/endpoints/:id" element={<EndpointPage />} />
      </Routes>,
      '/endpoints/2',
    );
    expect(await screen.findByText('Nothing is here any more')).toBeVisible();
  });
  it('says that a site is silent, what is stale, and how far the scanning is', async () => {
    server({
      'GET /sites': page([
        { name: 'dmz', description: '', private: true, paused: false, state: 'silent', lastHeard: null, endpoints: 7, due: 3, stale: 5, oldestDueSeconds: 4000, workers: 0 },
        { name: 'local', description: '', private: true, paused: false, state: 'scanning', lastHeard: '2026-11-21T08:00:00.000Z', endpoints: 3, due: 0, stale: 0, oldestDueSeconds: 0, workers: 1 },
      ]),
      'GET /workers': page([]),
      'GET /progress': { at: '2026-11-21T08:00:00.000Z', since: '2026-11-20T08:00:00.000Z', endpoints: 10, done: 4, due: 3, underWay: 1, failing: 2, paused: 0, scansPerSecond: 0.5, etaSeconds: 8 },
    });
    show(<Sites />);
    expect(await screen.findByText(/silent, no worker was ever heard/)).toBeInTheDocument();
    expect(screen.getByText('scanning')).toBeInTheDocument();
    expect(await screen.findByText(/4 of 10 scanned in the last day · 3 due · 1 under way · 2 not reached/)).toBeInTheDocument();
    expect(screen.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '40');
  });
  it('shows an empty list of certificates as a sentence', async () => {
    server({ 'GET /certificates': page([]) });
    show(<Certificates />);
    expect(await screen.findByText('No certificate is like that.')).toBeInTheDocument();
  });
});
