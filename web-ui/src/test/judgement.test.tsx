/** The fleet judged at another date, a finding verified and mended, and why a client cannot connect. */
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Route, Routes } from 'react-router';
import { EndpointPage } from '../pages/endpoint/EndpointPage';
import { Policies } from '../pages/policies/Policies';
import { endpoint, finding, report } from './data';
import { Refusal, server, show } from './harness';

afterEach(() => vi.unstubAllGlobals());

const page = (items: unknown[]) => ({ items, nextCursor: null });
const group = { kind: 'announced', rule: 'certificate.lifetime-too-long', severity: 'medium', title: 'The next certificate may not live as long', endpoints: 2, from: '2027-03-15T00:00:00.000Z', source: 'BR', examples: [{ endpointId: 7, endpoint: 'shop.example:443', detail: '199 days', from: null }] };

describe('what if', () => {
  it('adds page after page up', async () => {
    const calls = server({
      'GET /policies': page([{ name: 'public-web', version: '1', title: 'Public web', endpoints: 1 }]),
      'GET /reevaluate': { state: 'idle', done: 0, total: 0 },
      'GET /whatif': (call: { query: URLSearchParams }) => ({ at: '2027-03-15T00:00:00.000Z', policy: null, endpoints: 100, total: 150, appear: 2, vanish: 0, byRule: [{ ...group, examples: [{ ...group.examples[0], endpointId: call.query.get('cursor') ? 8 : 7 }] }], nextCursor: call.query.get('cursor') ? null : '100' }),
    });
    show(<Policies />);
    await userEvent.click(await screen.findByRole('button', { name: 'Judge' }));
    expect(await screen.findByText(/200 endpoints judged from what is stored/)).toBeInTheDocument();
    expect(screen.getByText(/4 endpoints · first on 2027-03-15/)).toBeInTheDocument();
    const asked = calls.filter((call) => call.path === '/whatif');
    expect(asked).toHaveLength(2);
    expect(asked[0]?.query.get('at')).toBe('2027-03-15T00:00:00.000Z');
    expect(asked[1]?.query.get('cursor')).toBe('100');
  });

  it('says what the server refused', async () => {
    server({ 'GET /policies': page([]), 'GET /reevaluate': { state: 'idle', done: 0, total: 0 }, 'GET /whatif': new Refusal(400, { detail: 'at is no instant', field: 'at' }) });
    show(<Policies />);
    await userEvent.click(await screen.findByRole('button', { name: 'Judge' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('at is no instant');
  });

  it('judges everything again and shows how far that is', async () => {
    const calls = server({ 'GET /policies': page([]), 'GET /reevaluate': { state: 'idle', done: 0, total: 0 }, 'POST /reevaluate': { state: 'running', done: 40, total: 100, opened: 3, resolved: 1 } });
    show(<Policies />);
    await userEvent.click(await screen.findByRole('button', { name: 'Judge everything again' }));
    expect(await screen.findByText(/40 of 100 endpoints judged; 3 findings opened, 1 resolved/)).toBeInTheDocument();
    expect(calls.some((call) => call.method === 'POST' && call.path === '/reevaluate')).toBe(true);
  });
});

describe('one endpoint, mended', () => {
  const answers = {
    'GET /endpoints/7': endpoint,
    'GET /endpoints/7/report': report,
    'GET /endpoints/7/history': page([]),
    'GET /endpoints/7/changes': page([]),
    'GET /findings': page([finding]),
    'GET /endpoints/7/diagnosis': { outcome: 'complete', stack: 'haproxy', causes: [{ cause: 'no-common-protocol', affects: 'present-day clients', explanation: 'Only TLS 1.0.', remedy: 'Allow TLS 1.2.', seenAs: ['ERR_SSL_VERSION_OR_CIPHER_MISMATCH'], evidence: [] }] },
    [`GET /remedies/${finding.rule}`]: { rule: finding.rule, stacks: [{ stack: 'nginx', title: 'nginx', lines: ['ssl_protocols TLSv1.2 TLSv1.3;'] }, { stack: 'haproxy', title: 'HAProxy', lines: ['ssl-default-bind-options ssl-min-ver TLSv1.2'] }] },
    [`POST /findings/${finding.id}/verify`]: { findingId: finding.id, endpointId: 7, depth: 'standard' },
  };
  const shown = () =>
    show(
      <Routes>
        <Route path="/endpoints/:id" element={<EndpointPage />} />
      </Routes>,
      '/endpoints/7',
    );

  it('answers why a client cannot connect in the words of its tool', async () => {
    server(answers);
    shown();
    expect(await screen.findByText('No common protocol')).toBeInTheDocument();
    expect(screen.getByText('ERR_SSL_VERSION_OR_CIPHER_MISMATCH')).toBeInTheDocument();
  });

  it('asks for the scan that shows whether it is mended', async () => {
    const calls = server(answers);
    shown();
    await userEvent.click(await screen.findByRole('button', { name: 'Verify this fix' }));
    expect(await screen.findByText(/a scan of depth standard is queued/)).toBeInTheDocument();
    await waitFor(() => expect(calls.some((call) => call.method === 'POST' && call.path === `/findings/${finding.id}/verify`)).toBe(true));
  });
});
