import { Fragment } from 'react';

/**
 * Text that a peer chose: a subject, a name, a banner, a tag. React writes it as text only; what would still deceive a
 * reader (controls, bidirectional overrides, invisible characters) is shown as its code point instead.
 */
const DECEIVING =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]|[\u{e0000}-\u{e0fff}]|\p{Cs}/gu;

function escape(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex}`;
}

/** The same as a plain string, for titles, labels and the clipboard. */
export function defused(text: string): string {
  return text.replace(DECEIVING, escape);
}

export function Shown({ children, mono = false, className }: { children: unknown; mono?: boolean; className?: string }) {
  if (children === null || children === undefined) return null;
  const text = String(children);
  const pieces: React.ReactNode[] = [];
  let from = 0;
  for (const match of text.matchAll(DECEIVING)) {
    if (match.index > from) pieces.push(text.slice(from, match.index));
    pieces.push(
      <span key={match.index} className="escaped" title="a character that does not show itself">
        {escape(match[0])}
      </span>,
    );
    from = match.index + match[0].length;
  }
  pieces.push(text.slice(from));
  return <bdi className={`shown${mono ? ' mono' : ''}${className ? ` ${className}` : ''}`}>{pieces}</bdi>;
}

/** Text of several lines, of which each is shown as above: configuration, PEM, JSON that we set out. */
export function Lined({ children }: { children: string }) {
  return children.split('\n').map((line, at) => (
    <Fragment key={at}>
      {at > 0 ? '\n' : null}
      <Shown>{line}</Shown>
    </Fragment>
  ));
}
