/** Many targets from a file: tried first, so that each rejected line is seen with its reason before anything changes. */
import { Button, FileInput, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { api } from '../../api/client';
import { queryClient } from '../../api/queries';
import type { ImportResult } from '../../api/shapes';
import { Failure } from '../../parts/page';
import { Shown } from '../../parts/shown';
import { number, plural } from '../../parts/words';

export function ImportTargets() {
  const [open, dialog] = useDisclosure(false);
  const [file, setFile] = useState<File | null>(null);
  const [result, setResult] = useState<ImportResult>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  const send = async (chosen: File, dryRun: boolean) => {
    setBusy(true);
    setError(undefined);
    try {
      const type = /\.(nd)?jsonl?$/i.test(chosen.name) ? 'application/x-ndjson' : 'text/csv';
      setResult(await api.send<ImportResult>('/targets/import', type, await chosen.text(), { dryRun }));
      if (!dryRun) void queryClient.invalidateQueries();
    } catch (problem) {
      setResult(undefined);
      setError(problem);
    } finally {
      setBusy(false);
    }
  };

  const rejected = result?.rejectedCount ?? result?.rejected.length ?? 0;
  return (
    <>
      <Button variant="default" onClick={dialog.open}>
        Import
      </Button>
      <Modal opened={open} onClose={dialog.close} title="Import targets" size="lg">
        <div className="form">
          <p className="quiet">CSV with a header line (only host is needed; unknown columns become tags), or one JSON target a line (.ndjson).</p>
          <pre className="block">host,port,owner,env{'\n'}shop.example,443,web-team,prod</pre>
          <FileInput
            label="File"
            placeholder="choose a file"
            accept=".csv,.ndjson,.jsonl,text/csv"
            value={file}
            onChange={(chosen) => {
              setFile(chosen);
              setResult(undefined);
              if (chosen) void send(chosen, true);
            }}
          />
          {error !== undefined ? <Failure error={error} /> : null}
          {result ? (
            <div>
              <strong>
                {result.dryRun ? 'Would add' : 'Added'} {number(result.added)}, {result.dryRun ? 'update' : 'updated'} {number(result.updated)}
                {rejected > 0 ? `, reject ${plural(rejected, 'line')}` : ', nothing rejected'}.
              </strong>
              {result.rejected.length > 0 ? (
                <table className="data">
                  <thead>
                    <tr>
                      <th scope="col">line</th>
                      <th scope="col">why</th>
                    </tr>
                  </thead>
                  <tbody>
                    {result.rejected.slice(0, 50).map((line) => (
                      <tr key={`${line.line} ${line.reason}`}>
                        <td>{line.line}</td>
                        <td>
                          <Shown>{line.reason}</Shown>
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              ) : null}
            </div>
          ) : null}
          <div className="actions">
            <Button size="sm" loading={busy} disabled={!file || !result?.dryRun || result.added + result.updated === 0} onClick={() => file && void send(file, false)}>
              Import {result?.dryRun ? plural(result.added + result.updated, 'target') : ''}
            </Button>
            <Button variant="subtle" size="sm" onClick={dialog.close}>
              Close
            </Button>
          </div>
        </div>
      </Modal>
    </>
  );
}
