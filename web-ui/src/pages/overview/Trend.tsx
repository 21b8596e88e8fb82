/** How the share of each protocol moved over the last 90 days. A click leads to that day's changes. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import uPlot from 'uplot';
import type { Summary } from '../../api/shapes';
import { listOf, To } from '../../parts/page';
import { protocolName } from '../../parts/words';

const LINES: [protocol: string, colour: string, dash: number[]][] = [
  ['TLSv1.3', '--tls-13', []],
  ['TLSv1.2', '--tls-12', [8, 4]],
  ['TLSv1.1', '--tls-11', [3, 3]],
  ['TLSv1.0', '--tls-10', [1, 3]],
];
const HEIGHT = 150;

export function Trend({ trend }: { trend: Summary['trend'] }) {
  const frame = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const navigate = useNavigate();

  useEffect(() => {
    const element = frame.current;
    if (!element || trend.length < 2) return undefined;
    // light-dark() resolves only where it is used as a colour
    const probe = document.createElement('span');
    element.append(probe);
    const colour = (name: string) => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    const quiet = colour('--ink-quiet');
    const grid = colour('--rule');
    const axis = { stroke: quiet, font: '11px system-ui, sans-serif', grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    const series: uPlot.Series[] = LINES.map(([protocol, name, dash]) => ({ label: protocolName(protocol), stroke: colour(name), width: 2, dash, points: { show: false } }));
    probe.remove();
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false, points: { size: 6 } },
        scales: { y: { range: [0, 100] } },
        axes: [
          { ...axis, size: 26, space: 70, values: (_, ticks) => ticks.map((at) => new Date(at * 1000).toISOString().slice(5, 10)) },
          { ...axis, size: 42, values: (_, ticks) => ticks.map((value) => `${value} %`) },
        ],
        series: [{}, ...series],
      },
      [
        trend.map((day) => Date.parse(`${day.day}T00:00:00Z`) / 1000),
        ...LINES.map(([protocol]) => trend.map((day) => (100 * (day.protocols[protocol] ?? 0)) / Math.max(1, day.asked))),
      ],
      element,
    );
    const onClick = () => void navigate('/changes?kind=protocol');
    element.addEventListener('click', onClick);
    const resize = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    resize.observe(element);
    return () => {
      resize.disconnect();
      element.removeEventListener('click', onClick);
      plot.destroy();
    };
  }, [trend, scheme, navigate]);

  if (trend.length < 2) return <p className="quiet">The trend begins with the second day of scanning.</p>;
  return (
    <>
      <div ref={frame} className="trend" role="img" aria-label="share of the endpoints asked for it that accept each protocol, by day" />
      <div className="legend">
        {LINES.map(([protocol, colour, dash]) => (
          <To key={protocol} to={listOf('/endpoints', { protocol })}>
            <svg width="22" height="8" aria-hidden="true">
              <line x1="0" x2="22" y1="4" y2="4" stroke={`var(${colour})`} strokeWidth="2" strokeDasharray={dash.join(' ')} />
            </svg>{' '}
            {protocolName(protocol)}
          </To>
        ))}
      </div>
    </>
  );
}
