/** Who hears of what: receivers, routes, silences, and what was sent. */
import { NavLink, Route, Routes } from 'react-router';
import { Page } from '../../parts/page';
import { Alerts } from './Alerts';
import { Log } from './Log';
import { Receivers } from './Receivers';
import { Routing } from './Routing';
import { Silences } from './Silences';

const PARTS: [path: string, name: string][] = [
  ['/alerting', 'Alerts'],
  ['/alerting/receivers', 'Receivers'],
  ['/alerting/routes', 'Routes'],
  ['/alerting/silences', 'Silences'],
  ['/alerting/log', 'Delivery log'],
];

export function Alerting() {
  return (
    <Page title="Alerting" lead="One notice for a cause, not one for each check. Nothing is lost while a receiver is away.">
      <nav className="places places-inner" aria-label="alerting">
        {PARTS.map(([path, name]) => (
          <NavLink key={path} to={path} end>
            {name}
          </NavLink>
        ))}
      </nav>
      <Routes>
        <Route index element={<Alerts />} />
        <Route path="alerts" element={<Alerts />} />
        <Route path="receivers" element={<Receivers />} />
        <Route path="routes" element={<Routing />} />
        <Route path="silences" element={<Silences />} />
        <Route path="log" element={<Log />} />
      </Routes>
    </Page>
  );
}
