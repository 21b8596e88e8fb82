/** Head, search, navigation; the page below. */
import { ActionIcon, Burger, Drawer, Menu, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, NavLink } from 'react-router';
import { api, PREFIX } from '../api/client';
import { useLiveState, type LiveState } from '../api/live';
import type { Session } from '../api/shapes';
import { defused } from '../parts/shown';
import { Logo } from './Logo';
import { Search } from './Search';

const PLACES: [path: string, name: string][] = [
  ['/', 'Overview'],
  ['/endpoints', 'Endpoints'],
  ['/certificates', 'Certificates'],
  ['/findings', 'Findings'],
  ['/changes', 'Changes'],
  ['/fingerprints', 'Fingerprints'],
  ['/clients', 'Clients'],
  ['/alerting', 'Alerting'],
  ['/sites', 'Sites and workers'],
  ['/policies', 'Policies'],
  ['/settings', 'Settings'],
];

const LIVE: Record<LiveState, string> = {
  live: 'Live: pages follow what the scanner reports',
  connecting: 'Connecting to live updates',
  lost: 'Live updates are interrupted; trying again',
};

export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const [open, drawer] = useDisclosure(false);
  const live = useLiveState();
  const links = PLACES.map(([path, name]) => (
    <NavLink key={path} to={path} end={path === '/'} onClick={drawer.close}>
      {name}
    </NavLink>
  ));
  return (
    <>
      <a href="#content" className="skip">
        Skip to the page
      </a>
      <header className="top">
        <div className="top-line">
          <Burger opened={open} onClick={drawer.toggle} size="sm" hiddenFrom="md" aria-label="menu" />
          <Link to="/" className="home" aria-label="tlsfleet, overview">
            <Logo />
          </Link>
          <Search />
          <div className="top-tools">
            <Tooltip label={LIVE[live]}>
              <span className={`live live-${live}`} role="status" aria-label={LIVE[live]}>
                {live === 'live' ? 'live' : live === 'lost' ? 'offline' : '…'}
              </span>
            </Tooltip>
            <SchemeSwitch />
            <You session={session} />
          </div>
        </div>
        <nav className="places" aria-label="pages">
          {links}
        </nav>
      </header>
      <Drawer opened={open} onClose={drawer.close} size="75%" title={<Logo />} hiddenFrom="md">
        <nav className="places-drawer" aria-label="pages">
          {links}
        </nav>
      </Drawer>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const other = scheme === 'dark' ? 'light' : 'dark';
  return (
    <Tooltip label={`Switch to ${other}`}>
      <ActionIcon variant="subtle" color="gray" aria-label={`switch to ${other}`} onClick={() => setColorScheme(other)}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <circle cx="8" cy="8" r="6.300" fill="none" stroke="currentColor" strokeWidth="1.400" />
          <path d="M8 1.700a6.300 6.300 0 0 1 0 12.600z" fill="currentColor" />
        </svg>
      </ActionIcon>
    </Tooltip>
  );
}

function You({ session }: { session: Session }) {
  const client = useQueryClient();
  const leave = async () => {
    await api.remove('/session').catch(() => undefined);
    client.clear();
    window.location.assign(`${PREFIX}/`);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <button type="button" className="you" aria-label={`signed in as ${defused(session.user)}`}>
          {defused(session.user).slice(0, 1).toUpperCase() || '·'}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {defused(session.user)} · {session.role}
          {session.version ? <div>tlsfleet {session.version}</div> : null}
        </Menu.Label>
        <Menu.Item component={Link} to="/settings">
          Tokens and settings
        </Menu.Item>
        <Menu.Item onClick={() => void leave()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
