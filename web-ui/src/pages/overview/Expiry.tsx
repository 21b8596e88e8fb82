/** Certificates by the day they end, stacked by owner. Each bar is a link, and its title says who. */
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Summary } from '../../api/shapes';
import { listOf, Panel, To, useNow } from '../../parts/page';
import { defused } from '../../parts/shown';
import { number, plural } from '../../parts/words';

const DAY = 86_400_000;
const SPAN_DAYS = 90;
const HEIGHT = 120;
const OWNERS_NAMED = 4;

interface Bar {
  from: number;
  to: number;
  parts: { owner: string; place: number; count: number }[];
  count: number;
}

export function bars(days: Summary['expiry'], today: number, step: number): { bars: Bar[]; owners: string[] } {
  const totals = new Map<string, number>();
  for (const day of days) totals.set(day.owner ?? '', (totals.get(day.owner ?? '') ?? 0) + day.certificates);
  const owners = [...totals.entries()].sort((a, b) => b[1] - a[1]).map(([owner]) => owner);
  const place = (owner: string) => Math.min(owners.indexOf(owner), OWNERS_NAMED);
  const result: Bar[] = Array.from({ length: Math.ceil(SPAN_DAYS / step) }, (_, index) => ({ from: today + index * step * DAY, to: today + (index + 1) * step * DAY, parts: [], count: 0 }));
  for (const day of days) {
    const at = Math.floor((Date.parse(`${day.day}T00:00:00Z`) - today) / (step * DAY));
    const bar = result[at];
    if (!bar) continue;
    const owner = day.owner ?? '';
    const part = bar.parts.find((one) => one.owner === owner);
    if (part) part.count += day.certificates;
    else bar.parts.push({ owner, place: place(owner), count: day.certificates });
    bar.count += day.certificates;
  }
  for (const bar of result) bar.parts.sort((a, b) => a.place - b.place);
  return { bars: result, owners };
}

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
const ownerName = (owner: string) => (owner ? defused(owner) : 'no owner');

export function Expiry({ days, stages, aside = <To to="/certificates">timeline</To> }: { days: Summary['expiry']; stages: Summary['stages']; aside?: ReactNode }) {
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const whole = narrow ? 340 : aside === null ? 1300 : 540;
  const now = useNow();
  const today = Math.floor(now / DAY) * DAY;
  const { bars: columns, owners } = bars(days, today, 3);
  const highest = Math.max(1, ...columns.map((bar) => bar.count));
  const width = whole / columns.length;
  const expired = stages.expired ?? 0;
  return (
    <Panel title="Certificates ending" aside={aside}>
      <svg viewBox={`0 0 ${whole} ${HEIGHT + 22}`} className="chart" role="group" aria-label="certificates by the day they end, next 90 days">
        {(narrow ? [0, 30, 60, 90] : [0, 7, 30, 60, 90]).map((day) => (
          <g key={day}>
            <line x1={(day / SPAN_DAYS) * whole} x2={(day / SPAN_DAYS) * whole} y1={4} y2={HEIGHT} className="axis" strokeDasharray="2 3" />
            <text x={Math.min(whole - 2, (day / SPAN_DAYS) * whole + (day === 90 ? 0 : 3))} y={HEIGHT + 15} textAnchor={day === 90 ? 'end' : 'start'}>
              {day === 0 ? 'today' : `${day} d`}
            </text>
          </g>
        ))}
        <text x={whole - 4} y={12} textAnchor="end">
          {highest} at most
        </text>
        {columns.map((bar, index) => {
          let y = HEIGHT;
          const words = `${dayOf(bar.from)} to ${dayOf(bar.to - DAY)}: ${plural(bar.count, 'certificate')}${bar.parts.map((part) => `; ${ownerName(part.owner)} ${part.count}`).join('')}`;
          if (bar.count === 0) return null;
          return (
            <Link key={bar.from} to={listOf('/certificates', { expiresAfter: new Date(bar.from).toISOString(), expiresBefore: new Date(bar.to).toISOString() })} aria-label={words}>
              <title>{words}</title>
              <rect x={index * width} y={0} width={width} height={HEIGHT} className="hit" />
              {bar.parts.map((part) => {
                const height = Math.max(2, (part.count / highest) * (HEIGHT - 22));
                y -= height;
                return <rect key={part.owner} x={index * width + 1.5} y={y} width={width - 3} height={height} className={`owner-${part.place}`} />;
              })}
            </Link>
          );
        })}
        <line x1={0} x2={whole} y1={HEIGHT} y2={HEIGHT} className="axis" />
      </svg>
      <div className="legend">
        {owners.slice(0, OWNERS_NAMED).map((owner, index) => (
          <span key={owner}>
            <span className={`swatch owner-${index}`} />
            {ownerName(owner)}
          </span>
        ))}
        {owners.length > OWNERS_NAMED ? (
          <span>
            <span className="swatch owner-4" />
            others
          </span>
        ) : null}
        {expired > 0 ? (
          <To to={listOf('/certificates', { expiresBefore: new Date(now).toISOString() })}>{number(expired)} already ended</To>
        ) : null}
      </div>
    </Panel>
  );
}
