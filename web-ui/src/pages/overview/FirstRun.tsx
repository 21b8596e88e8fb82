/** An estate of nothing: what to do first. */
import { AddTarget } from '../endpoints/AddTarget';
import { ImportTargets } from '../endpoints/ImportTargets';
import { Panel, To } from '../../parts/page';

export function FirstRun() {
  return (
    <Panel title="Welcome. Nothing is watched yet.">
      <ol className="steps">
        <li>
          <div>
            <strong>Name one endpoint that you answer for.</strong>
            <p className="quiet">A host and a port are enough. Its first scan begins at once and takes seconds; what it found appears here by itself.</p>
            <AddTarget primary />
          </div>
        </li>
        <li>
          <div>
            <strong>Bring the rest.</strong>
            <p className="quiet">A CSV file with the column host, and any of port, sni, starttls, owner, site, policy; every other column becomes a tag.</p>
            <ImportTargets />
          </div>
        </li>
        <li>
          <div>
            <strong>Say who hears of it.</strong>
            <p className="quiet">
              Add a <To to="/alerting/receivers">receiver</To>, press its test button, and route what is critical to it.
            </p>
          </div>
        </li>
        <li>
          <div>
            <strong>Only looking around?</strong>
            <p className="quiet">
              <code>./tlsfleet up --demo</code> starts sixteen good and bad servers on this machine and scans them.
            </p>
          </div>
        </li>
      </ol>
    </Panel>
  );
}
