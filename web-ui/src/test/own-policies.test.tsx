/** A policy of one's own checked and put in force, and assigned. */
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Compare } from '../pages/policies/Compare';
import { OwnPolicies } from '../pages/policies/OwnPolicies';
import type { Policy } from '../api/shapes';
import { Refusal, server, show } from './harness';

afterEach(() => vi.unstubAllGlobals());

const shop: Policy = { name: 'shop', version: '1', title: '', date: null, source: null, shipped: false, endpoints: 0 };
const assignment = { id: 3, policy: 'shop', host: '*.shop.example', owner: 'web', tag: 'scope:cards', site: null, createdAt: '2026-11-21T08:00:00.000Z', createdBy: 'admin' };

describe('policies of one’s own', () => {
  it('shows every mistake with its place', async () => {
    server({
      'GET /policy-assignments': { items: [], nextCursor: null },
      'POST /policies': new Refusal(400, { detail: 'line 2, column 10: no policy is called public-wep (and 1 more)', field: 'document', errors: [{ field: 'document', detail: 'line 2, column 10: no policy is called public-wep' }, { field: 'document', detail: 'line 4, column 11: nothing is called TLSv1.4' }] }),
    });
    show(<OwnPolicies policies={[shop]} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Check' }));
    expect(await screen.findByText('line 2, column 10: no policy is called public-wep')).toBeInTheDocument();
    expect(screen.getByText('line 4, column 11: nothing is called TLSv1.4')).toBeInTheDocument();
  });

  it('checks first and puts in force when asked to', async () => {
    const calls = server({ 'GET /policy-assignments': { items: [], nextCursor: null }, 'POST /policies': { ...shop, comparedWith: 'public-web 1.0', changes: [{ setting: '/ticketKeyHours', before: '24', after: '5' }] } });
    show(<OwnPolicies policies={[shop]} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Check' }));
    expect(await screen.findByText('shop 1 is a policy: 1 difference from public-web 1.0.')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Put in force' }));
    expect(await screen.findByText(/shop 1 is in force/)).toBeInTheDocument();
    const posts = calls.filter((call) => call.method === 'POST');
    expect(posts.map((call) => call.query.get('dryRun'))).toEqual(['true', 'false']);
  });

  it('asks before it deletes, and says why it may not', async () => {
    let assigned = true;
    const calls = server({
      'GET /policy-assignments': { items: [], nextCursor: null },
      'DELETE /policies/shop': () => (assigned ? new Refusal(409, { detail: 'shop is assigned to owner web: take those assignments back first', field: 'name' }) : {}),
    });
    show(<OwnPolicies policies={[shop, { ...shop, name: 'public-web', shipped: true }]} />);
    expect(screen.queryByRole('button', { name: 'Delete public-web' })).not.toBeInTheDocument();
    await userEvent.click(await screen.findByRole('button', { name: 'Delete shop' }));
    expect(calls.some((call) => call.method === 'DELETE')).toBe(false);
    await userEvent.click(await screen.findByRole('button', { name: 'Delete it' }));
    expect(await screen.findByText('shop is assigned to owner web: take those assignments back first')).toBeInTheDocument();
    assigned = false;
    await userEvent.click(screen.getByRole('button', { name: 'Delete it' }));
    expect(calls.filter((call) => call.method === 'DELETE')).toHaveLength(2);
  });

  it('puts the kept file back where it can be changed', async () => {
    server({ 'GET /policy-assignments': { items: [], nextCursor: null }, 'GET /policies/shop/versions': { items: [{ name: 'shop', version: '1', text: 'name: shop\nticketKeyHours: 5\n', createdAt: '2026-11-21T08:00:00.000Z', createdBy: 'admin' }], nextCursor: null } });
    show(<OwnPolicies policies={[shop]} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Edit shop' }));
    expect(await screen.findByDisplayValue(/ticketKeyHours: 5/)).toBeInTheDocument();
  });

  it('compares two policies, and the address says which', async () => {
    const calls = server({ 'GET /policies/public-web/diff': { items: [{ setting: '/version', before: '1', after: '2' }, { setting: '/protocols/allowed', before: 'TLSv1.2', after: null }], nextCursor: null } });
    show(<Compare policies={[shop]} />, '/policies?compare=public-web&with=shop');
    expect(await screen.findByText('protocols › allowed')).toBeInTheDocument();
    expect(screen.getByText('1 difference.')).toBeInTheDocument();
    expect(calls[0]?.query.get('with')).toBe('shop');
    await userEvent.click(screen.getByRole('button', { name: 'Swap' }));
    expect(screen.getByTestId('where')).toHaveTextContent('compare=shop&with=public-web');
  });

  it('says who is judged by what, and takes it back', async () => {
    const calls = server({ 'GET /policy-assignments': { items: [assignment], nextCursor: null }, 'DELETE /policy-assignments/3': undefined });
    show(<OwnPolicies policies={[shop]} />);
    expect(await screen.findByText('host *.shop.example and owner web and tag scope:cards')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Remove' }));
    expect(calls.some((call) => call.method === 'DELETE' && call.path === '/policy-assignments/3')).toBe(true);
  });
});
