/** Who is signed in decides what is shown; every page is an address. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Route, Routes } from 'react-router';
import { ApiError } from '../api/client';
import { LiveProvider } from '../api/live';
import { queryClient, useSession } from '../api/queries';
import { Empty, Failure, Page, To } from '../parts/page';
import { Overview } from '../pages/overview/Overview';
import { Shell } from './Shell';
import { SignIn } from './SignIn';
import { theme } from './theme';

const page = <N extends string>(load: () => Promise<Record<N, React.ComponentType>>, name: N) => lazy(async () => ({ default: (await load())[name] }));
const Endpoints = page(() => import('../pages/endpoints/Endpoints'), 'Endpoints');
const EndpointPage = page(() => import('../pages/endpoint/EndpointPage'), 'EndpointPage');
const Certificates = page(() => import('../pages/certificates/Certificates'), 'Certificates');
const CertificatePage = page(() => import('../pages/certificates/CertificatePage'), 'CertificatePage');
const Findings = page(() => import('../pages/findings/Findings'), 'Findings');
const Changes = page(() => import('../pages/changes/Changes'), 'Changes');
const Fingerprints = page(() => import('../pages/fingerprints/Fingerprints'), 'Fingerprints');
const Clients = page(() => import('../pages/clients/Clients'), 'Clients');
const Alerting = page(() => import('../pages/alerting/Alerting'), 'Alerting');
const Sites = page(() => import('../pages/sites/Sites'), 'Sites');
const Policies = page(() => import('../pages/policies/Policies'), 'Policies');
const Settings = page(() => import('../pages/settings/Settings'), 'Settings');

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queryClient}>
        <Door />
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Door() {
  const session = useSession();
  if (session.data) {
    return (
      <LiveProvider>
        <Shell session={session.data}>
          <Suspense fallback={<div className="page" aria-busy="true" />}>
            <Pages />
          </Suspense>
        </Shell>
      </LiveProvider>
    );
  }
  if (session.isPending) {
    return (
      <div className="alone" aria-busy="true">
        <p className="quiet late" role="status">
          Connecting…
        </p>
      </div>
    );
  }
  if (session.error instanceof ApiError && session.error.status === 401) return <SignIn />;
  return (
    <div className="alone">
      <Failure error={session.error} retry={() => void session.refetch()} />
    </div>
  );
}

function Pages() {
  return (
    <Routes>
      <Route path="/" element={<Overview />} />
      <Route path="/endpoints" element={<Endpoints />} />
      <Route path="/endpoints/:id" element={<EndpointPage />} />
      <Route path="/certificates" element={<Certificates />} />
      <Route path="/certificates/:sha256" element={<CertificatePage />} />
      <Route path="/findings" element={<Findings />} />
      <Route path="/changes" element={<Changes />} />
      <Route path="/fingerprints" element={<Fingerprints />} />
      <Route path="/clients" element={<Clients />} />
      <Route path="/alerting/*" element={<Alerting />} />
      <Route path="/sites" element={<Sites />} />
      <Route path="/policies" element={<Policies />} />
      <Route path="/settings" element={<Settings />} />
      <Route path="*" element={<Lost />} />
    </Routes>
  );
}

function Lost() {
  return (
    <Page title="No such page">
      <Empty title="There is no page at this address.">
        <To to="/">Back to the overview</To>
      </Empty>
    </Page>
  );
}
