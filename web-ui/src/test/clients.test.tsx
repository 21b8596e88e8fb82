/** Who connects to the estate and who would be lost by a change of it. */
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Clients } from '../pages/clients/Clients';
import { HOSTILE } from './data';
import { Refusal, server, show } from './harness';

afterEach(() => vi.unstubAllGlobals());

const proposals = { items: [{ name: 'tls13-only', title: 'TLS 1.3 only', minVersion: 'TLSv1.3', denySuites: [], denyGroups: [], onlyGroups: [] }], nextCursor: null };
const kinds = [{ kind: 'ja4', count: 1200, fingerprints: 3 }];
const seen = { kind: 'ja4', fingerprint: 't12d190800_d83cc789557e_7af1ed941c26', names: [HOSTILE], count: 900, endpoints: 2, firstDay: '2026-11-01', lastDay: '2026-11-20', profile: { versions: ['TLSv1.2'], cipherSuites: ['0xC02F', '0x002F'], groups: ['0x11EC'], signatureSchemes: null, keyShares: null } };
const line = { kind: 'ja4', fingerprint: seen.fingerprint, names: [], count: 900, breaks: 800, unknown: 0, places: [{ id: 7, name: 'shop.example:443', count: 800 }] };
const estate = { proposal: proposals.items[0], kind: 'ja4', endpoints: 12, truncated: false, items: [line, { ...line, fingerprint: 't10d070600_c50f5591e341_1a3805c3aa63', count: 9, breaks: null, places: [] }] };

describe('clients', () => {
  it('says who connects and who would be lost where', async () => {
    const calls = server({ 'GET /clients': { items: [seen], nextCursor: null, hidden: 2, kinds, days: 30 }, 'GET /clients/proposals': proposals, 'GET /clients/whatif': estate });
    show(<Clients />);
    expect(await screen.findByText(/2 fingerprints/)).toBeInTheDocument();
    expect(screen.getByText('1 to 4')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'shop.example:443' })).toHaveAttribute('href', '/endpoints/7#clients');
    expect(await screen.findByText(/2 fingerprints seen fewer than five times not shown/)).toBeInTheDocument();
    expect(screen.getByText(/TLS 1\.2 · 2 suites · 1 group · post-quantum/)).toBeInTheDocument();
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getByTitle(/img src/).title).not.toContain('\u202E');
    await userEvent.click(screen.getByText('JA3'));
    await waitFor(() => expect(calls.filter((call) => call.path === '/clients').at(-1)?.query.get('kind')).toBe('ja3'));
    expect(calls.filter((call) => call.path === '/clients/whatif').at(-1)?.query.get('proposal')).toBe('tls13-only');
  });

  it('says how to feed it, and whom it is not for', async () => {
    server({ 'GET /clients': { items: [], nextCursor: null, hidden: 0, kinds: [], days: 30 }, 'GET /clients/proposals': proposals, 'GET /clients/whatif': { ...estate, items: [] } });
    show(<Clients />);
    expect(await screen.findByText(/No client of this kind was seen in the last 30 days/)).toBeInTheDocument();
    expect(screen.getByText('tlsfleet sensor')).toBeInTheDocument();
  });

  it('is closed to roles that may not look', async () => {
    server({ 'GET /clients': new Refusal(403, { title: 'Forbidden' }), 'GET /clients/proposals': proposals, 'GET /clients/whatif': new Refusal(403, { title: 'Forbidden' }) });
    show(<Clients />);
    expect(await screen.findByText('Not for this role.')).toBeInTheDocument();
  });
});
