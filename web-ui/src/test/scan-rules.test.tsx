/** Rules of scanning: whose and what, put in force and taken back; a target's own word beside them. */
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { targetOf } from '../pages/endpoints/AddTarget';
import { ScanRules } from '../pages/settings/ScanRules';
import type { ScanRule } from '../api/shapes';
import { Refusal, server, show } from './harness';

afterEach(() => vi.unstubAllGlobals());

const corp: ScanRule = { id: 4, host: '*.corp.example', owner: null, tag: null, site: 'plant', intervalSeconds: 600, depth: 'full', expectIdentity: null, createdAt: '2026-11-21T08:00:00.000Z', createdBy: 'admin' };

describe('rules of scanning', () => {
  it('says whose and what each is, and takes it back', async () => {
    const calls = server({ 'GET /scan-rules': { items: [corp, { ...corp, id: 5, host: null, site: null, depth: null, expectIdentity: 'spiffe://x/y' }], nextCursor: null }, 'DELETE /scan-rules/4': undefined });
    show(<ScanRules />);
    expect(await screen.findByText('host *.corp.example and site plant')).toBeInTheDocument();
    expect(screen.getByText('every 600 s, depth full')).toBeInTheDocument();
    expect(screen.getByText('every 600 s, expects spiffe://x/y')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Remove the rule for host *.corp.example and site plant' }));
    expect(calls.some((call) => call.method === 'DELETE' && call.path === '/scan-rules/4')).toBe(true);
  });

  it('adds one, and shows why it is none', async () => {
    const calls = server({ 'GET /scan-rules': { items: [], nextCursor: null }, 'POST /scan-rules': new Refusal(400, { detail: 'intervalSeconds: at least 10', field: 'intervalSeconds', errors: [] }) });
    show(<ScanRules />);
    expect(screen.getByRole('button', { name: 'Add the rule' })).toBeDisabled();
    await userEvent.type(await screen.findByLabelText('Every (seconds)'), '5');
    await userEvent.type(screen.getByLabelText('Owner'), 'web');
    await userEvent.click(screen.getByRole('button', { name: 'Add the rule' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('at least 10');
    expect(calls.find((call) => call.method === 'POST')?.body).toMatchObject({ owner: 'web', intervalSeconds: 5, host: null });
  });

  it('leaves a target its own word', () => {
    const form = { host: 'a.example', port: '443', sni: '', starttls: '', owner: '', policy: '', depth: '', interval: '600', identity: 'spiffe://x/y', tags: 'env:lab', addresses: '' };
    expect(targetOf(form)).toMatchObject({ intervalSeconds: 600, tags: { env: 'lab', expectIdentity: 'spiffe://x/y' } });
    expect(targetOf({ ...form, interval: '', identity: '', tags: '' })).toEqual({ host: 'a.example', port: 443 });
  });
});
