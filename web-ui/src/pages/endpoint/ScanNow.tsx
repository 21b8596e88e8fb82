/** Scan now, and what is happening while it does. The stream tells of each step; without one the page asks every two seconds. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { api } from '../../api/client';
import { useLive } from '../../api/live';
import { refreshEndpoint } from '../../api/queries';
import type { Endpoint } from '../../api/shapes';
import { OUTCOME_WORDS, span } from '../../parts/words';

const ASK_MILLIS = 2_000;
const PATIENCE_MILLIS = 90_000;

export function ScanNow({ endpoint }: { endpoint: Endpoint }) {
  const [asked, setAsked] = useState<{ at: number; before: string | null | undefined }>();
  const [words, setWords] = useState('');
  const told = useRef(0);
  const waiting = asked !== undefined && endpoint.lastScanAt === asked.before;
  const scanning = waiting || endpoint.scanning === true || endpoint.lastScanAt === null;

  useLive((event) => {
    if (event.kind !== 'scan' || event.endpointId !== String(endpoint.id)) return;
    const { done, total, fact } = event.data;
    if (event.phase === 'started') setWords('The scan has begun');
    else if (event.phase === 'progress') setWords(`${typeof fact === 'string' ? fact : 'asking'}${typeof done === 'number' && typeof total === 'number' ? ` (${done} of ${total})` : ''}`);
    else {
      setWords('');
      refreshEndpoint(endpoint.id);
    }
  });

  // told from the endpoint itself, so that it is told without a stream too, and once
  useEffect(() => {
    if (asked === undefined || endpoint.lastScanAt === asked.before || told.current === asked.at) return;
    told.current = asked.at;
    notifications.show({ title: 'The scan has finished', message: OUTCOME_WORDS[endpoint.outcome ?? ''] ?? 'done' });
  }, [asked, endpoint.lastScanAt, endpoint.outcome]);

  useEffect(() => {
    if (!scanning) return undefined;
    const timer = setInterval(() => refreshEndpoint(endpoint.id), ASK_MILLIS);
    return () => clearInterval(timer);
  }, [scanning, endpoint.id]);

  const scan = async () => {
    setWords('');
    setAsked({ at: Date.now(), before: endpoint.lastScanAt });
    try {
      await api.post(`/targets/${endpoint.targetId}/scan`);
    } catch (problem) {
      setAsked(undefined);
      notifications.show({ color: 'red', title: 'No scan was started', message: problem instanceof Error ? problem.message : String(problem) });
    }
  };

  return (
    <>
      <Button onClick={() => void scan()} loading={waiting} disabled={scanning}>
        Scan now
      </Button>
      {scanning ? <Progress words={words || (endpoint.lastScanAt === null ? 'Waiting for the first scan' : 'Waiting for a worker')} since={asked?.at} /> : null}
    </>
  );
}

function Progress({ words, since }: { words: string; since?: number }) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const began = since ?? Date.now();
    const timer = setInterval(() => setSeconds(Math.round((Date.now() - began) / 1_000)), 1_000);
    return () => clearInterval(timer);
  }, [since]);
  const frame = document.getElementById('content');
  if (!frame) return null;
  return createPortal(
    <div className="page" style={{ paddingTop: 0, paddingBottom: 0, position: 'sticky', bottom: 0, zIndex: 50 }}>
      <div className="progress" role="status">
        <span>{words}</span>
        <span className="bar">
          <i />
        </span>
        <span className="quiet nowrap">{seconds * 1_000 > PATIENCE_MILLIS ? 'taking long: is a worker running?' : span(seconds * 1_000)}</span>
      </div>
    </div>,
    frame,
  );
}
