/** Marks: each a shape and a word, so that colour never carries meaning alone. */
import type { ReactNode } from 'react';
import type { Counts } from '../api/shapes';
import type { Severity } from '../api/shapes';
import { number, SEVERITIES, STATE_WORDS } from './words';

const SHAPES: Record<string, ReactNode> = {
  critical: (
    <>
      <path d="M8 .8 15.200 8 8 15.200.8 8z" />
      <path d="M8 4.600v4M8 10.600v1" className="cut" />
    </>
  ),
  high: <path d="M8 1.500 15.300 14H.7z" />,
  medium: <circle cx="8" cy="8" r="5.500" />,
  low: <circle cx="8" cy="8" r="4.700" className="hollow" />,
  info: <circle cx="8" cy="8" r="2.400" />,
  ok: <path d="m2.500 8.500 3.700 3.700 7.300-8" className="line" />,
  unreachable: <path d="m3.500 3.500 9 9m0-9-9 9" className="line" />,
  unknown: <path d="M5.200 5.800a2.800 2.800 0 1 1 4.200 2.400c-1 .6-1.400 1-1.400 2M8 12.400v.9" className="line" />,
  dash: <path d="M3.500 8h9" className="line" />,
};

export function Mark({ shape, tone = shape }: { shape: string; tone?: string }) {
  return (
    <svg viewBox="0 0 16 16" className={`mark tone-${tone}`} aria-hidden="true" focusable="false">
      {SHAPES[shape] ?? SHAPES.info}
    </svg>
  );
}

export function SeverityMark({ severity, bare = false }: { severity: Severity | string; bare?: boolean }) {
  return (
    <span className={`severity tone-${severity}`} title={severity}>
      <Mark shape={severity} />
      {bare ? <span className="visually-hidden">{severity}</span> : severity}
    </span>
  );
}

const STATE_SHAPES: Record<string, [shape: string, tone: string]> = { ok: ['ok', 'ok'], unreachable: ['unreachable', 'medium'] };

/** `worst` gives an endpoint that needs attention the shape of its worst finding. */
export function StateMark({ state, worst }: { state: string; worst?: string | null }) {
  const attention = worst ?? 'high';
  const [shape, tone] = state === 'findings' ? [attention, attention] : (STATE_SHAPES[state] ?? ['dash', 'info']);
  return (
    <span className={`severity tone-${tone}`} title={STATE_WORDS[state] ?? state}>
      <Mark shape={shape} tone={tone} />
      <span className="state-words">{STATE_WORDS[state] ?? state}</span>
    </span>
  );
}

const FACTS: Record<string, [shape: string, words: string]> = {
  accepted: ['ok', 'accepted'],
  refused: ['unreachable', 'refused'],
  unknown: ['unknown', 'unknown'],
  'not-asked': ['dash', 'not asked'],
};

/** A fact has no good or bad of its own: a finding gives it a tone. */
export function Fact({ state, tone = 'plain' }: { state: string; tone?: string }) {
  const [shape, words] = FACTS[state] ?? ['dash', state];
  const colour = state === 'unknown' ? 'unknown' : tone;
  return (
    <span className={`fact tone-${colour}`}>
      <Mark shape={shape} tone={colour} />
      {words}
    </span>
  );
}

/** Open findings of one thing in one line: the shapes with their numbers. */
export function CountMarks({ counts }: { counts?: Counts }) {
  const present = SEVERITIES.filter((severity) => (counts?.[severity] ?? 0) > 0);
  if (present.length === 0) return <span className="quiet">none</span>;
  return (
    <span className="counts">
      {present.map((severity) => (
        <span key={severity} className={`severity tone-${severity}`} title={`${number(counts?.[severity])} ${severity}`}>
          <Mark shape={severity} />
          {number(counts?.[severity])}
          <span className="visually-hidden"> {severity}</span>
        </span>
      ))}
    </span>
  );
}

export function Grade({ grade, large = false, atBest = false }: { grade?: string | null; large?: boolean; atBest?: boolean }) {
  if (!grade) return <span className="quiet">–</span>;
  const letter = grade.charAt(0).toUpperCase();
  return (
    <span className={`grade grade-${'ABCDEFTM'.includes(letter) ? letter : 'F'}${large ? ' large' : ''}`} title={atBest ? `${grade} at best: not everything was asked` : `grade ${grade}`}>
      {grade}
      {atBest ? <small>at best</small> : null}
    </span>
  );
}
