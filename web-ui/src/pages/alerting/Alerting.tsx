/** Who hears of what: receivers, routes, silences, and what was sent. */
import { NavLink, Route, Routes } from 'react-router';
import { useAlertingFile } from '../../api/queries';
import { Page } from '../../parts/page';
import { Shown } from '../../parts/shown';
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
      <FileState />
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

/** A file that is wrong changes nothing, so somebody must be told here. */
function FileState() {
  const file = useAlertingFile();
  if (file.data?.state !== 'invalid') return null;
  return (
    <div role="alert" className="severity tone-high" style={{ whiteSpace: 'normal', display: 'block' }}>
      <p>
        The alerting file <Shown>{file.data.file ?? ''}</Shown> is wrong. What it said before stays in force.
      </p>
      {file.data.problems.slice(0, 5).map((problem) => (
        <div key={`${problem.line} ${problem.column} ${problem.message}`}>
          <Shown>{`line ${problem.line}, column ${problem.column}: ${problem.message}`}</Shown>
        </div>
      ))}
    </div>
  );
}
