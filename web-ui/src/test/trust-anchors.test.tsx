/** Roots of one's own shown with whom they are for, added and taken back. */
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TrustAnchors } from '../pages/settings/TrustAnchors';
import type { TrustAnchor } from '../api/shapes';
import { Refusal, server, show } from './harness';

afterEach(() => vi.unstubAllGlobals());

const plant: TrustAnchor = { id: 4, sha256: 'ab'.repeat(32), subject: 'CN=Plant Root', notAfter: '2036-11-21T08:00:00.000Z', host: '*.plant.example', owner: null, tag: null, site: 'plant', createdAt: '2026-11-21T08:00:00.000Z', createdBy: 'admin', pem: '' };
const open: TrustAnchor = { ...plant, id: 5, subject: 'CN=House Root', host: null, site: null };

describe('roots of one’s own', () => {
  it('says for whom each is trusted, and takes it back', async () => {
    const calls = server({ 'GET /trust-anchors': { items: [plant, open], nextCursor: null }, 'DELETE /trust-anchors/4': undefined });
    show(<TrustAnchors />);
    expect(await screen.findByText('host *.plant.example and site plant')).toBeInTheDocument();
    expect(screen.getByText('every target')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Trust CN=Plant Root no more' }));
    expect(calls.some((call) => call.method === 'DELETE' && call.path === '/trust-anchors/4')).toBe(true);
  });

  it('shows why a text is no root', async () => {
    server({ 'GET /trust-anchors': { items: [], nextCursor: null }, 'POST /trust-anchors': new Refusal(400, { detail: 'pem: no certificate in it: give PEM', field: 'pem', errors: [] }) });
    show(<TrustAnchors />);
    expect(screen.getByRole('button', { name: 'Trust' })).toBeDisabled();
    await userEvent.type(await screen.findByLabelText('Certificate'), 'no PEM');
    await userEvent.type(screen.getByLabelText('Site'), 'plant');
    await userEvent.click(screen.getByRole('button', { name: 'Trust' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('no certificate in it');
  });
});
